// The cards at the right: lesson, story, inspector, why, checks.

import { html, nothing, type TemplateResult } from 'lit';

import { icon } from '../draw/icons';
import { prose } from '../draw/text';
import type { Check, Event, Facts, Lesson, Why } from '../scene';
import type { Key, Say } from '../text/strings';
import type { Act, PanelName } from './actions';
import { checkChip } from './checks';

/** A lesson with its question; `answer` is the choice, `checked` says whether it was judged. */
export function lessonCard(
  of: Lesson,
  state: { answer?: number | undefined; checked: boolean; hint: boolean },
  say: Say,
  act: Act,
): TemplateResult {
  const pips = Array.from({ length: of.steps }, (_, i) => (i < of.step - 1 ? 'd' : i === of.step - 1 ? 'n' : ''));
  return html`<section class="card wide" aria-label=${say('lesson')}>
    <header><span class="eyebrow">${say('lesson')}</span>
      <span class="pips" role="img" aria-label=${say('lessonStep', { n: of.step, of: of.steps })}>${pips.map((kind) => html`<i class=${kind}></i>`)}</span>
      <span class="mono quiet">${of.step}/${of.steps}</span></header>
    <div class="lesson"><h2>${of.title}</h2><p>${prose(of.says)}</p>
      ${of.question ? html`<div class="ask"><h3>${of.question.ask}</h3>${choices(of, state, say, act)}
        ${verdict(of, state, say)}
        <div class="row actions"><button class="btn pri" ?disabled=${state.answer === undefined} @click=${() => act({ do: 'check' })}>${say('checkAndStep')}</button>
          ${of.hint ? html`<button class="btn bare" @click=${() => act({ do: 'hint' })}>${say('hint')}</button>` : nothing}</div></div>` : nothing}
      ${state.hint && of.hint ? html`<p role="note">${prose(of.hint)}</p>` : nothing}
    </div></section>`;
}

function choices(of: Lesson, state: { answer?: number | undefined }, say: Say, act: Act): TemplateResult {
  return html`<div class="opts" role="radiogroup" aria-label=${of.question?.ask ?? say('lesson')}>
    ${of.question?.choices.map((choice, i) => html`<button role="radio" aria-checked=${i === state.answer}
      class="opt ${i === state.answer ? 'on' : ''}" @click=${() => act({ do: 'answer', choice: i })}><i></i>${choice}</button>`)}
  </div>`;
}

function verdict(of: Lesson, state: { answer?: number | undefined; checked: boolean }, say: Say) {
  if (!state.checked || !of.question) return nothing;
  const right = state.answer === of.question.right;
  return html`<p role="status"><b>${say(right ? 'right' : 'notRight')}</b> ${prose(of.question.because)}</p>`;
}

const TABS: { panel: PanelName; says: Key }[] = [
  { panel: 'story', says: 'story' },
  { panel: 'inspect', says: 'inspect' },
  { panel: 'checks', says: 'checks' },
  { panel: 'scenario', says: 'scenario' },
];

/** The card with the tabs; beside the diagram there is one more, which leads back to its event. */
export function tabsCard(open: PanelName, body: TemplateResult, say: Say, act: Act, led = false): TemplateResult {
  return html`<section class="card story wide">
    <div class="tabs" role="tablist" aria-label=${say('story')}>
      ${led ? html`<button role="tab" aria-selected="false" @click=${() => act({ do: 'moment' })}>${say('ledHere')}</button>` : nothing}
      ${TABS.map(({ panel, says }) => html`<button role="tab" aria-selected=${panel === open} class=${panel === open ? 'on' : ''}
        @click=${() => act({ do: 'panel', to: panel })}>${say(says)}</button>`)}
    </div>${body}</section>`;
}

/** What is known of the selected thing, and what happened to it. */
export function inspector(of: Facts | undefined, at: number, say: Say, act: Act): TemplateResult {
  if (!of) return html`<div class="panel"><p class="quiet">${say('nothingSelected')}</p></div>`;
  const last = of.events.filter(({ n }) => n <= at).at(-1)?.n;
  return html`<div class="panel facts"><span class="eyebrow">${of.kind}</span><div class="lesson flat"><h2>${of.title}</h2>
      ${of.says ? html`<p>${prose(of.says)}</p>` : nothing}</div>
    <dl class="kv">${of.rows.map(({ name, value, tone }) => html`<dt>${name}</dt><dd class="mono ${tone ?? ''}">${value}</dd>`)}</dl>
    <div class="row"><button class="btn sm" @click=${() => act({ do: 'why' })}>${say('why')}</button>
      <button class="btn sm" @click=${() => act({ do: 'faults' })}>${say('faults')}</button></div>
    ${of.ledger ? html`<p class="links"><a href="book/reference/fidelity.html#${of.ledger}">${say('modelled')}</a></p>` : nothing}
    ${of.events.length > 0 ? html`<h3>${say('itsEvents', { n: of.events.length })}</h3><ol class="scroll">${of.events.map(({ n, says }) => html`<li class=${n === last ? 'now' : n > at ? 'next' : ''}><button @click=${() => act({ do: 'seek', to: n })}><span class="n">${n}</span><span>${prose(says)}</span></button></li>`)}</ol>` : nothing}
  </div>`;
}

/** Why something came about, and what would have stopped it. */
export function whyCard(of: Why, at: number, say: Say, act: Act): TemplateResult {
  return html`<section class="card why wide" aria-label=${say('why')}>
    <header><span class="eyebrow path">${say('why')}</span><span class="grow"></span>
      <button class="tool" aria-label="${say('close')} (Esc)" @click=${() => act({ do: 'close' })}>${icon('close', 18)}</button></header>
    <h2>${of.title}</h2><p class="lead">${of.lead}</p>
    <ol class="chain">${of.chain.map((link, i) => html`<li class=${link.n === at ? 'on' : ''} @click=${() => act({ do: 'seek', to: link.n })}><span class="k">${i + 1}</span>
      <div>${prose(link.says)}<div class="chips">${link.chip ? html`<span class="chip ${link.chip.is === 'config' ? 'cfg' : 'rule'}">${link.chip.text}</span>` : nothing}<span class="meta">${link.n}</span></div></div></li>`)}</ol>
    ${of.cures.length > 0 ? html`<div class="cure"><h3>${say('breakChain')}</h3>${of.cures.map((cure) => html`<button class="cureb"
      @click=${() => act({ do: 'fork', at: cure.at, change: { is: 'setting', change: cure.change } })}>${icon('fork', 18)}<b>${cure.change}</b><span>${cure.at > 0 ? say('forkAt', { n: cure.at, says: cure.says }) : cure.says}</span></button>`)}</div>` : nothing}
  </section>`;
}

/** The phone's sheet: the question, or the cause, or the sentence. */
export function sheet(
  of: { event: Event; line?: string | undefined; lesson?: Lesson | undefined; why?: Why | undefined; checks: Check[] },
  state: { answer?: number | undefined; checked: boolean },
  at: number,
  say: Say,
  act: Act,
): TemplateResult {
  const cause = of.why?.chain.findIndex((link) => link.n === at) ?? -1;
  const broken = of.checks.find((c) => c.is === 'breaks' && c.at !== undefined && c.at <= at);
  if (of.why && cause >= 0) {
    const link = of.why.chain[cause]!;
    const earlier = of.why.chain[cause - 1];
    return html`<section class="card sheet path only-narrow">${grip(say, act)}
      <div class="row between">${broken ? checkChip(broken, at, say, act) : nothing}<span class="mono pathink">${say('why')} ${cause + 1}/${of.why.chain.length}</span></div>
      <div class="chain tight"><div class="link"><span class="k">${cause + 1}</span><p>${prose(link.says)}</p></div></div>
      <div class="row actions">${earlier ? html`<button class="btn grow" @click=${() => act({ do: 'seek', to: earlier.n })}>${say('cause', { n: cause })}</button>` : nothing}
        ${breakIt(of.why, say, act)}</div></section>`;
  }
  // Asked from elsewhere: what it came to, and the way into the chain.
  const last = of.why?.chain.at(-1);
  if (of.why && last) {
    const n = of.why.chain.length;
    return html`<section class="card sheet path only-narrow">${grip(say, act)}
      <div class="row between"><b>${of.why.title}</b><span class="mono pathink">${say('why')} ${n}</span></div>
      ${of.why.lead ? html`<p>${of.why.lead}</p>` : nothing}
      <div class="row actions"><button class="btn grow" @click=${() => act({ do: 'seek', to: last.n })}>${say('cause', { n })}</button>
        ${breakIt(of.why, say, act)}</div></section>`;
  }
  const question = of.lesson?.question;
  return html`<section class="card sheet only-narrow">${grip(say, act)}
    ${question ? html`<p><b>${question.ask}</b></p>${choices(of.lesson!, state, say, act)}${verdict(of.lesson!, state, say)}
      ${state.answer === undefined ? nothing : html`<button class="btn pri" @click=${() => act({ do: 'check' })}>${say('checkAndStep')}</button>`}`
      : html`${of.line ? html`<pre class="mono here">${of.line}</pre>` : nothing}<p>${prose(of.event.says)}</p>`}</section>`;
}

/** The first cure, in a word. */
function breakIt(of: Why, say: Say, act: Act) {
  const cure = of.cures[0];
  return cure ? html`<button class="btn pri grow" @click=${() => act({ do: 'fork', at: cure.at, change: { is: 'setting', change: cure.change } })}>${say('breakChain').split(/[:：]/)[0]}</button>` : nothing;
}

/** The handle of the sheet: pulls the story up, and lets it go. */
export function grip(say: Say, act: Act): TemplateResult {
  return html`<button class="grip" aria-label=${say('story')} @click=${() => act({ do: 'drawer' })}></button>`;
}
