// The checks: a chip in the bar, a row with the definition in the panel.

import { html, nothing, svg, type TemplateResult } from 'lit';

import { octagon } from '../draw/marks';
import { prose } from '../draw/text';
import type { Check } from '../scene';
import type { Say } from '../text/strings';
import type { Act } from './actions';

/** Those that are broken behind the cursor, then those that will be, then the others. */
export function byUrgency(all: Check[], at: number): Check[] {
  const rank = (of: Check) => (isBroken(of, at) ? 0 : of.is === 'breaks' ? 1 : of.is === 'holds' ? 2 : 3);
  return [...all].sort((a, b) => rank(a) - rank(b));
}

function isBroken(of: Check, at: number): boolean {
  return of.is === 'breaks' && of.at !== undefined && of.at <= at;
}

/** Tick, hollow octagon ahead of the cursor, full octagon at or behind it. */
function sign(of: Check, at: number): TemplateResult {
  if (of.is === 'holds') return html`<svg width="16" height="16" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 10.5 8.2 15 16 5.5" class="tick" /></svg>`;
  return html`<svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">${
    of.is === 'breaks' ? svg`${octagon(0, 0, 6.8, isBroken(of, at))}` : svg`<circle r="5" class="foldc" />`
  }</svg>`;
}

/** A name as it is read: `no-acknowledged-loss` is `no acknowledged loss`. A sentence stays as it is. */
function spoken(name: string): string {
  return /^[a-z-]+$/.test(name) ? name.replaceAll('-', ' ') : name;
}

export function checkChip(of: Check, at: number, say: Say, act: Act): TemplateResult {
  const broken = isBroken(of, at);
  const name = spoken(of.name);
  const text = of.is === 'breaks' ? (broken ? spoken(of.text ?? name) : `${name}: ${say('breaksAt', { n: of.at ?? '' })}`)
    : of.is === 'holds' ? name : `${name}: ${say('notReached')}`;
  const go = () => (of.at === undefined ? act({ do: 'panel', to: 'checks' }) : act({ do: 'seek', to: of.at }));
  return html`<button class="chk ${of.is === 'holds' ? 'ok' : broken ? 'bad' : ''}" title=${text} @click=${go}>${sign(of, at)}<span>${text}</span></button>`;
}

/** All checks with their verdicts and what they mean. */
export function checksPanel(of: Check[], at: number, say: Say, act: Act): TemplateResult {
  if (of.length === 0) return html`<div class="panel"><p class="quiet">${say('noChecks')}</p></div>`;
  return html`<ul class="panel verdicts">${byUrgency(of, at).map((check) => html`<li class=${isBroken(check, at) ? 'bad' : ''}>
    ${sign(check, at)}<div><h3>${spoken(check.name)} <span>${verdict(check, say)}</span></h3>
    ${check.found ? html`<p class="broke">${prose(check.found)}</p>` : nothing}
    ${check.expects === 'breaks' ? html`<p>${say('expectsBreak')}</p>` : nothing}
    ${check.says ? html`<p>${prose(check.says)}</p>` : nothing}
    ${check.at === undefined ? nothing : html`<div class="row"><button class="btn sm" @click=${() => act({ do: 'seek', to: check.at! })}>${say('firstViolation', { n: check.at })}</button>
      <button class="btn sm bare" @click=${() => act({ do: 'seek', to: check.at!, then: 'why', of: `check:${check.name}` })}>${say('why')}</button></div>`}</div></li>`)}</ul>`;
}

function verdict(of: Check, say: Say): string {
  if (of.is === 'holds') return say('holds');
  return of.is === 'breaks' ? say('breaksAt', { n: of.at ?? '' }) : say('notReached');
}
