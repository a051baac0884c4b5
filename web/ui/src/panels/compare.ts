// Two runs at the same moment of virtual time: a stage each, and one table of what differs.

import { html, nothing, type TemplateResult } from 'lit';

import { stage } from '../draw/stage';
import { prose } from '../draw/text';
import type { Beside, Shown } from '../engine/session';
import type { Layout, Size } from '../layout/layout';
import type { Check, Run } from '../scene';
import type { Say } from '../text/strings';
import { icon } from '../draw/icons';
import type { Act } from './actions';
import { clock } from './time';

export interface Side {
  name: string;
  run: Run;
  shown: Shown;
}

export interface Row {
  what: string;
  left: string;
  right: string;
  /** Whether a value is good; a figure without a verdict is neither. */
  tones: [Tone, Tone];
  /** What broke it, in a sentence. */
  why?: string | undefined;
}

type Tone = 'ok' | 'bad' | 'plain';

/** What is held against each other: each check at this moment, then where messages are. */
export function rowsOf(left: Side, right: Side, say: Say, why: Record<string, string> = {}): Row[] {
  const names = [...new Set([...left.run.checks, ...right.run.checks].map(({ name }) => name))];
  const verdict = (side: Side, name: string): [string, Tone] => {
    const check = side.run.checks.find((c) => c.name === name);
    if (!check) return ['–', 'plain'];
    if (isBroken(check, side)) return [say('breaksAt', { n: check.at ?? '' }), 'bad'];
    return [say(check.is === 'not reached' ? 'notReached' : 'holds'), check.is === 'not reached' ? 'plain' : 'ok'];
  };
  const checks = names.map((name) => {
    const [[l, lt], [r, rt]] = [verdict(left, name), verdict(right, name)];
    return { what: name.replaceAll('-', ' '), left: l, right: r, tones: [lt, rt] as [Tone, Tone], why: why[name] };
  });
  const ledger = (side: Side) => side.shown.scene.ledger;
  const tone = (side: Side): Tone => (ledger(side).closes ? 'ok' : 'bad');
  // What differs is what one looks for.
  checks.sort((a, b) => Number(b.left !== b.right) - Number(a.left !== a.right));
  return [...checks, { what: say('accounted'), left: ledger(left).text, right: ledger(right).text, tones: [tone(left), tone(right)] }];
}

function isBroken(of: Check, side: Side): boolean {
  return of.is === 'breaks' && of.at !== undefined && of.at <= side.shown.event.n;
}

export function compare(
  left: Side,
  right: Side | undefined,
  place: (run: Run, size: Size) => Layout,
  size: Size,
  say: Say,
  act: Act,
  why?: Record<string, string>,
): TemplateResult {
  const [mine, theirs] = right ? differ(left.run.source, right.run.source) : [[], []];
  return html`<div class="versus">
    <div class="sides">${pane(left, mine, place, size, say)}
    ${right ? pane(right, theirs, place, size, say) : html`<section class="pane center"><p class="quiet">${say('loading')}</p></section>`}</div>
    <section class="card diff" tabindex="0"><table class="vt-table">
      <thead><tr><th scope="col">${say('atTime', { time: clock(left.shown.event.at) })}</th><th scope="col">${left.name}</th><th scope="col">${right?.name ?? ''}</th><th scope="col" class="because">${say('why')}</th>
        <th class="shut"><button class="tool" aria-label="${say('close')} (Esc)" @click=${() => act({ do: 'compare', id: undefined })}>${icon('close', 18)}</button></th></tr></thead>
      <tbody>${right ? rowsOf(left, right, say, why).map(row) : nothing}</tbody></table></section></div>`;
}

/** Settings that are shown of each side, at most. */
const CHIPS = 3;

/** The settings of two scenarios that differ, as each has them: `acks=1`, `acks=all`. */
export function differ(left = '{}', right = '{}'): [string[], string[]] {
  const [a, b] = [leaves(JSON.parse(left)), leaves(JSON.parse(right))];
  const paths = [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path)).slice(0, CHIPS);
  const shown = (of: Map<string, string>) => paths.flatMap((path) => (of.has(path) ? [`${path.slice(path.lastIndexOf('/') + 1)}=${of.get(path)}`] : []));
  return [shown(a), shown(b)];
}

function leaves(of: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof of !== 'object' || of === null) return into.set(path, String(of));
  for (const [key, value] of Object.entries(of)) leaves(value, `${path}/${key}`, into);
  return into;
}

function pane(of: Side, chips: string[], place: (run: Run, size: Size) => Layout, size: Size, say: Say): TemplateResult {
  const { run, shown } = of;
  const layout = place(run, size);
  return html`<section class="pane" aria-label=${of.name}><header><h2>${of.name}</h2>${chips.map((text) => html`<span class="chip cfg">${text}</span>`)}<span class="grow"></span><span class="mono quiet">${say('event')} ${shown.event.n} / ${run.total}</span></header>
    <div class="plate">${stage({ topology: run.topology, scene: shown.scene, layout, event: shown.event.n, started: shown.event.n > 0 }, say)}</div>
    <p class="says">${prose(shown.event.says)}</p></section>`;
}

function row(of: Row): TemplateResult {
  const differs = of.left !== of.right;
  const value = (text: string, tone: Tone) => html`<td class="v ${tone}">${tone === 'ok' ? html`<svg width="16" height="16" viewBox="0 0 20 20" aria-hidden="true"><path d="M4 10.5 8.2 15 16 5.5" class="tick" /></svg>` : nothing}${prose(text)}</td>`;
  return html`<tr class=${differs ? 'diff' : ''}><th scope="row">${of.what}${differs ? html`<span class="ne">≠</span>` : nothing}</th>${value(of.left, of.tones[0])}${value(of.right, of.tones[1])}<td colspan="2" class="because">${of.why ? prose(of.why) : nothing}</td></tr>`;
}

/** The run that is shown, as one side. */
export function sideOf(name: string, of: Beside): Side {
  return { name, run: of.run, shown: of.shown };
}
