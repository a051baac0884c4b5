// The whole player at one state: a pure function, so that it can be looked at without an engine.

import { html, nothing, type TemplateResult } from 'lit';

import { folded } from '../draw/columns';
import { definitions } from '../draw/marks';
import { ministage } from '../draw/ministage';
import { diagram, heads } from '../draw/spacetime';
import { stage } from '../draw/stage';
import { prose } from '../draw/text';
import { layout, type Layout, type Size } from '../layout/layout';
import type { Move } from '../player/motion';
import type { State } from '../player/state';
import type { Listing, Run, Why } from '../scene';
import { sayer, type Say } from '../text/strings';
import type { Act } from './actions';
import { grip, inspector, lessonCard, sheet, tabsCard, whyCard } from './cards';
import { checksPanel } from './checks';
import { listing } from './code';
import { compare, sideOf } from './compare';
import { findDialog, helpDialog, shareDialog } from './dialogs';
import { faultMenu } from './faults';
import { metrics } from './metrics';
import { momentCard } from './moment';
import { changedLink, paneHead, topBar, trouble } from './shell';
import { source } from './source';
import { story } from './story';
import { historyTable, metricsTable, table } from './table';
import { transport } from './transport';

/** What the page measures. */
export interface Measures {
  /** Of the player. */
  width: number;
  /** Of the picture in its pane. */
  plate: Size;
  /** For the time line. */
  line: number;
  /** A figure in a text: no top bar, no cards. */
  compact: boolean;
  /** What the last step moved, where nothing may move by itself. */
  stepped?: Move[] | undefined;
  /** The partition that a narrow Kafka stage shows. */
  chosen?: string | undefined;
}

export function main(state: State, measures: Measures, act: Act): TemplateResult {
  const say = sayer(state.language);
  const { run, shown } = state;
  const narrow = measures.width <= 700;
  if (!run || !shown) {
    return html`${svgDefinitions()}<div class="app compact"><main class="main"><section class="pane" aria-label=${say('stage')}>
      ${state.error ? html`<div class="center">${trouble(state.error, say, act)}</div>` : html`<div class="plate center"><p class="quiet late" role="status">${say('loading')}</p></div>`}</section></main></div>`;
  }
  const code = state.view === 'code' && shown.listings.length > 0;
  const beside = code && !narrow && !state.other;
  const kinds = ['app', beside ? 'codeapp' : '', state.other ? 'versusapp' : '', measures.compact ? 'compact' : '', state.drawer ? 'drawer' : ''];
  return html`${svgDefinitions()}
    <div class=${kinds.filter(Boolean).join(' ')} aria-busy=${(run.played ?? WHOLE) < WHOLE}>
      ${topBar(run, state.at, state.view, say, act)}
      ${beside ? listings(state, act) : nothing}
      ${state.other ? html`<main class="main">${versus(state, run, measures, say, act)}</main>` : html`<main class="main"><section class="pane" aria-label=${say(viewName(state))}>
        ${paneHead({ view: state.view, spacing: state.spacing, table: state.table, narrow }, say, act)}
        ${code && narrow ? listings(state, act) : picture(state, run, measures, say, act)}
        ${state.error ? html`<div class="over">${trouble(state.error, say, act)}</div>` : nothing}
      </section>
      ${beside ? sayCard(state) : nothing}</main>
      ${beside ? nothing : html`<aside class="side">${side(state, run, say, act)}</aside>`}`}
      ${sentence(state, say, act)}
      ${transport({ line: timeLine(state, run), running: state.progress?.total, playing: state.playing, speed: state.speed, unit: state.unit, width: measures.line, narrow }, say, act)}
      ${state.open === 'help' ? helpDialog(say, act) : nothing}
      ${state.open === 'find' ? findDialog(state, say, act) : nothing}
      ${state.open === 'share' ? shareDialog({ link: state.link ?? '', at: state.at, title: run.title, copied: state.copied }, say, act) : nothing}
      ${state.open === 'faults' && state.selected ? faultMenu(state.selected, state.at, shown.scene, state.menu ?? { x: 24, y: 120 }, say, act) : nothing}
      <div class="sr" aria-live="polite">${state.notice ?? state.spoken}</div>
      ${state.lost && state.lost.length > 0 ? html`<div class="over low">${changedLink(state.lost, say, act)}</div>` : nothing}
      ${state.notice ? html`<div class="notice"><span aria-hidden="true">${state.notice}</span>${state.undoable ? html`<button @click=${() => act({ do: 'undo' })}>${say('undo')}<kbd>U</kbd></button>` : nothing}</div>` : nothing}
    </div>`;
}

function listings(state: State, act: Act): TemplateResult {
  const all = state.shown!.listings.map((one) => withDiscs(one, state.why));
  return html`<div class="codecol">${all.map((one) => listing(one, (line) => seekLine(state, one.file, line, act)))}</div>`;
}

/** The causes that a program's own lines brought about are marked at these lines. */
function withDiscs(of: Listing, why: Why | undefined): Listing {
  const discs = { ...of.discs };
  why?.chain.forEach((link, i) => {
    if (link.on?.slice(link.on.indexOf(':') + 1) !== of.who) return;
    const ran = Object.entries(of.runs ?? {}).map(([line, at]) => ({ line: Number(line), at: at.filter((n) => n <= link.n).at(-1) ?? -1 }));
    const last = ran.reduce((a, b) => (b.at > a.at ? b : a), { line: 0, at: -1 });
    if (last.at >= 0) discs[last.line] ??= i + 1;
  });
  return { ...of, discs };
}

/** This run beside another, at the same moment. */
function versus(state: State, run: Run, measures: Measures, say: Say, act: Act): TemplateResult {
  const name = (id: string) => run.forks.find((fork) => fork.id === id)?.name ?? id;
  const right = state.other?.beside ? sideOf(name(state.other.id), state.other.beside) : undefined;
  return compare({ name: say('thisRun'), run, shown: state.shown! }, right, (of, size) => placeOf(of, { ...measures, plate: size }), measures.plate, say, act, state.other?.beside?.why);
}

function svgDefinitions(): TemplateResult {
  return html`<svg class="defs" aria-hidden="true">${definitions()}</svg>`;
}

function viewName(state: State) {
  return ({ stage: 'stage', 'space-time': 'spaceTime', code: 'code', metrics: 'metrics' } as const)[state.view];
}

function timeLine(state: State, run: Run) {
  const { total: known, interesting, flags, checks, forks } = run;
  const { progress } = state;
  // While the run goes on, the line is as long as it will be if it goes on as it did.
  const total = progress ? Math.max(known, Math.round((progress.total * WHOLE) / Math.max(1, progress.played))) : known;
  return { total, known, at: state.at, interesting, flags, checks, forks, past: state.past, event: state.shown!.event };
}

/** What the pane shows. */
function picture(state: State, run: Run, measures: Measures, say: Say, act: Act): TemplateResult {
  const { plate } = measures;
  const scene = state.shown!.scene;
  if (state.table) return html`<div class="plate" tabindex="0">${asTable(state, run, say)}</div>`;
  if (state.view === 'space-time' && state.history) {
    const mini = plate.width >= 900;
    // A column needs room for its name: with the stage beside it the last one is that of all others,
    // on a phone what does not fit is scrolled to.
    const room = plate.width - (mini ? 258 : 0) - 14;
    const history = mini ? folded(state.history, Math.floor((room - 40) / 88)) : state.history;
    const width = Math.max(80 + 84 * history.columns.length, room);
    const of = { history, width, spacing: state.spacing, set: state.set };
    return html`<div class="plate duo" @click=${(e: Event) => pointedInTime(e, act)}>${mini ? ministage(run.topology, scene, state.at, Math.max(420, plate.height - 8), say) : nothing}
      <div class="scroll" tabindex="0" role="region" aria-label=${say('spaceTime')}>${heads(of, say)}${diagram(of, say)}</div></div>`;
  }
  if (state.view === 'space-time') return html`<div class="plate center"><p class="quiet">${say('noHistory')}</p></div>`;
  if (state.view === 'metrics') return metrics({ of: state.metrics, now: state.shown!.event.at, end: run.end ?? 0, ...plate }, say, act);
  // All tapes of a cluster on a phone: the wide stage, which is then moved under the window.
  const whole = state.tapes ? { ...measures, plate: { width: 1022, height: Math.max(634, plate.height) } } : measures;
  const place = placeOf(run, whole);
  return html`<div class="plate" @click=${(e: Event) => pointed(e, state, act)} @contextmenu=${(e: MouseEvent) => menuAt(e, act)}>${stage(
    { topology: run.topology, scene, layout: place, event: state.at, started: state.at > 0, stepped: measures.stepped },
    say,
  )}${state.tapes ? html`<button class="btn sm onetape" @click=${(e: Event) => {
    e.stopPropagation();
    act({ do: 'tapes' });
  }}>${say('onePartition', { n: run.topology.partitions.length })}</button>` : nothing}</div>`;
}

/** The facts of the view that is open. */
function asTable(state: State, run: Run, say: Say): TemplateResult {
  const { event, scene } = state.shown!;
  if (state.view === 'space-time' && state.history) return historyTable(state.history, say);
  if (state.view === 'metrics' && state.metrics) return metricsTable(state.metrics, event.at, say);
  return table(run.topology, scene, state.at, say);
}

/** How far a run was played that is over. */
const WHOLE = 1_000_000;

const layouts = new WeakMap<Run, { key: string; layout: Layout }>();

/** The layout of a run in a size: made once, since nothing but the size changes it. */
export function placeOf(run: Run, { plate, chosen }: Measures): Layout {
  const key = `${plate.width}x${plate.height}/${chosen ?? ''}`;
  const known = layouts.get(run);
  if (known?.key === key) return known.layout;
  const made = layout(run.topology, plate, chosen);
  layouts.set(run, { key, layout: made });
  return made;
}

/** A click selects what is under it. */
function pointed(event: Event, state: State, act: Act): void {
  if ((event.target as Element).closest('[data-act="tapes"]')) {
    act({ do: 'tapes' });
    return;
  }
  const thing = (event.target as Element).closest('[data-thing]')?.getAttribute('data-thing') ?? undefined;
  if (thing !== state.selected) act({ do: 'select', thing });
}

/** A right click, or a long press, opens the menu of what is under it. */
async function menuAt(event: MouseEvent, act: Act): Promise<void> {
  const thing = (event.target as Element).closest('[data-thing]')?.getAttribute('data-thing');
  if (!thing) return;
  event.preventDefault();
  const at = { x: event.clientX, y: event.clientY };
  await act({ do: 'select', thing });
  await act({ do: 'faults', at });
}

/** A click on an event goes there, on a fold opens it. */
function pointedInTime(event: Event, act: Act): void {
  const at = (event.target as Element).closest('[data-event], [data-fold]');
  const [n, after] = [at?.getAttribute('data-event'), at?.getAttribute('data-fold')];
  if (n) act({ do: 'seek', to: Number(n) });
  else if (after) act({ do: 'unfold', after: Number(after) });
}

function side(state: State, run: Run, say: Say, act: Act): TemplateResult {
  const { shown, at } = state;
  const answered = { answer: state.answer, checked: state.checked, hint: state.hint };
  const phone = sheet({ event: shown!.event, line: state.view === 'code' ? currentLine(state) : undefined, lesson: shown!.lesson, why: state.why, checks: run.checks }, answered, at, say, act);
  if (state.view === 'space-time' && state.history && !state.why && state.panel === 'story' && !state.drawer) {
    return html`${momentCard({ event: shown!.event, history: state.history, set: state.set }, say, act)}${phone}`;
  }
  if (state.drawer && !state.why) {
    const card = tabsCard(state.panel, panel(state, run, say, act), say, act, state.view === 'space-time');
    return html`${shown!.lesson ? lessonCard(shown!.lesson, answered, say, act) : nothing}<div class="pulled"><div class="sheet only-narrow">${grip(say, act)}</div>${card}</div>`;
  }
  if (state.why) return html`${whyCard(state.why, at, say, act)}${phone}`;
  return html`${shown!.lesson ? lessonCard(shown!.lesson, answered, say, act) : nothing}
    ${tabsCard(state.panel, panel(state, run, say, act), say, act, state.view === 'space-time')}${phone}`;
}

/** The code that runs now, in one line. */
function currentLine(state: State): string | undefined {
  const running = state.shown!.listings.find((one) => one.current);
  if (!running?.current) return undefined;
  const [from, to] = running.current;
  return running.lines.slice(from - 1, to).map((line) => line.trim()).join(' ');
}

function panel(state: State, run: Run, say: Say, act: Act): TemplateResult {
  switch (state.panel) {
    case 'inspect':
      return inspector(state.facts, state.at, say, act);
    case 'checks':
      return checksPanel(run.checks, state.at, say, act);
    case 'scenario':
      return source(state.source ?? run.source, say);
    default:
      return story(state.events, state.at, state.opened, marked(run), say, act);
  }
}

/** Events that a reader looks for: faults, and the first violation of each check. */
function marked(run: Run): Set<number> {
  return new Set([...run.flags.map(({ n }) => n), ...run.checks.flatMap(({ is, at }) => (is === 'breaks' && at !== undefined ? [at] : []))]);
}

/** The sentence of the event, where the cards are not in sight. */
function sentence(state: State, say: Say, act: Act): TemplateResult {
  return html`<div class="sentence"><span class="n">${state.at}</span><span>${prose(state.shown!.event.says)}</span>
    <button class="btn sm handle" aria-expanded=${state.drawer} @click=${() => act({ do: 'drawer' })}>${say('story')}</button></div>`;
}

function sayCard(state: State): TemplateResult {
  return html`<section class="card nowsay"><span class="mono">${state.at}</span><span>${prose(state.shown!.event.says)}</span></section>`;
}

/** A click on a line goes to its next execution, as the listing knows it. */
function seekLine(state: State, file: string, line: number, act: Act): void {
  const all = state.shown!.listings.find((one) => one.file === file)?.runs?.[line] ?? [];
  const to = all.find((n) => n > state.at) ?? all[0];
  if (to !== undefined) act({ do: 'seek', to });
}

