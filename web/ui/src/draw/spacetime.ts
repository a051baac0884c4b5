// The space-time diagram: nodes are columns, time runs down, a message is a line.

import { html, nothing, svg, type TemplateResult } from 'lit';

import type { EpochSpan, History, HistoryMessage, HistoryRow, HistorySet, ThingId } from '../scene';
import type { Say } from '../text/strings';
import { OTHERS } from './columns';
import { crown, scissors } from './marks';
import { fit, label, widthOf } from './text';

export interface SpaceTime {
  history: History;
  /** Of the diagram itself. */
  width: number;
  spacing: 'event' | 'time';
  /** Which events are marked. */
  set: HistorySet;
}

const ROW = 24.6;
const HEAD = 46;
const TOP = 30;
/** Left of the first lifeline: numbers, then the rail of its epochs. */
const RULER = 36;

interface Place {
  of: SpaceTime;
  x: (column: ThingId) => number;
  /** The y of an event by its number. */
  y: (n: number) => number;
  rows: { row: HistoryRow; y: number }[];
  end: number;
}

/** The heads of the columns, which stay in sight. */
export function heads(of: SpaceTime, say: Say): TemplateResult {
  const { x } = place(of);
  return html`<svg class="heads" width=${of.width} height=${HEAD} viewBox="0 0 ${of.width} ${HEAD}" role="group" aria-label=${say('spaceTime')}>
    ${of.history.columns.map(({ id, name }) => head(x(id), id, name, columnRoom(of)))}</svg>`;
}

/** Whether a node has a column here. */
function has(of: History, id: ThingId): boolean {
  return of.columns.some((column) => column.id === id);
}

function columnRoom(of: SpaceTime): number {
  return Math.min(104, (of.width - RULER - 60) / Math.max(1, of.history.columns.length) - 8);
}

/** The node's own shape, 84 x 30. */
function head(x: number, id: ThingId, name: string, room: number): TemplateResult<2> {
  const w = Math.min(room, Math.max(84, widthOf(name, 13) + 28));
  const [l, r, y] = [x - w / 2, x + w / 2, 22];
  const d = id.startsWith('producer:')
    ? `M${l} ${y - 15}H${r - 11}L${r} ${y}L${r - 11} ${y + 15}H${l}Z`
    : id.startsWith('consumer:')
      ? `M${l} ${y - 15}H${r}V${y + 15}H${l}L${l + 9} ${y}Z`
      : `M${l + 6} ${y - 15}H${r - 6}q6 0 6 6V${y + 9}q0 6-6 6H${l + 6}q-6 0-6-6V${y - 9}q0-6 6-6Z`;
  const shift = id.startsWith('consumer:') ? 4 : id.startsWith('producer:') ? -3 : 0;
  return svg`<g class="node" tabindex="-1" role="button" data-thing=${id} aria-label=${name}><path d=${d} class="shape" />${label(
    x + shift,
    y + 5,
    fit(name, w - 22, 13),
    'pname mid',
  )}</g>`;
}

/** The rows below the heads. */
export function diagram(of: SpaceTime, say: Say): TemplateResult {
  const at = place(of);
  const { history, width } = of;
  const height = at.end + 14;
  const selected = at.rows.find(({ row }) => row.is === 'event' && row.n === history.selected);
  return html`<svg class="spacetime" width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="group"
      aria-label="${say('spaceTime')}, ${say('nameStage', { n: history.selected })}">
    ${selected ? svg`<rect x="0" y=${selected.y - 12} width=${width} height="24" class="rowband" />` : nothing}
    ${history.columns.map(({ id }) => lifeline(id, at))}
    ${history.epochs.filter((span) => has(history, span.column)).map((span) => rail(span, at))}
    ${history.cuts.filter(({ between }) => between.every((id) => has(history, id))).map((cut) => cutLine(cut, at, say))}
    ${history.messages.map((message) => line(message, at))}
    ${history.messages.map((message) => lineLabel(message, at))}
    ${at.rows.map(({ row, y }) => (row.is === 'event' ? event(row, y, at, say) : fold(row, y, at, say)))}
    ${at.rows.map(({ row, y }) => ruler(row, y, history.selected))}
  </svg>`;
}

function place(of: SpaceTime): Place {
  const { history, width, spacing } = of;
  const count = Math.max(1, history.columns.length);
  const left = RULER + 44;
  const right = width - Math.max(54, columnRoom(of) / 2 + 6);
  const column = (id: ThingId) => {
    const i = history.columns.findIndex((c) => c.id === id);
    return count === 1 ? (left + right) / 2 : left + ((right - left) * Math.max(0, i)) / (count - 1);
  };
  const rows = spacing === 'time' ? byTime(history.rows) : history.rows.map((row, i) => ({ row, y: TOP + i * ROW }));
  const ys = new Map(rows.flatMap(({ row, y }) => (row.is === 'event' ? [[row.n, y] as const] : [])));
  const last = rows.at(-1)?.y ?? TOP;
  const y = (n: number): number => {
    const exact = ys.get(n);
    if (exact !== undefined) return exact;
    // An event that is folded, or before the first row: the row that is next to it.
    const later = [...ys].filter(([m]) => m > n).map(([, at]) => at);
    return later.length > 0 ? Math.min(...later) - ROW / 2 : last;
  };
  return { of, x: column, y, rows, end: last + 12 };
}

/** A px for each 40 us would be too long: what is apart is shown apart, down to a floor. */
function byTime(all: HistoryRow[]): { row: HistoryRow; y: number }[] {
  let y = TOP;
  let before: number | undefined;
  return all.map((row, i) => {
    const ms = row.is === 'event' && before !== undefined ? (row.at - before) / 1000 : 0;
    if (i > 0) y += Math.min(120, Math.max(22, ms));
    if (row.is === 'event') before = row.at;
    return { row, y };
  });
}

/** A node's life; dotted while it is down. */
function lifeline(id: ThingId, at: Place): TemplateResult<2> {
  const x = at.x(id);
  const down = at.of.history.epochs.filter((s) => s.column === id && s.is === 'down');
  let from = 8;
  const parts: TemplateResult<2>[] = [];
  for (const span of down) {
    const [y1, y2] = [at.y(span.from), span.to === undefined ? at.end : at.y(span.to)];
    parts.push(svg`<path d="M${x} ${from}V${y1}" class="life" /><path d="M${x} ${y1}V${y2}" class="life dead" />`);
    from = y2;
  }
  return svg`${parts}<path d="M${x} ${from}V${at.end}" class="life" />`;
}

/** Who believed which epoch: blue while the node leads, neutral while it follows, hatched while down. */
function rail(of: EpochSpan, at: Place): TemplateResult<2> {
  const x = at.x(of.column);
  const y1 = railTop(of, at);
  const y2 = of.to === undefined ? at.end : at.y(of.to) - 3;
  const kind = of.is === 'leads' ? 'rail lead' : 'rail';
  return svg`<rect x=${x - 22} y=${y1} width="12" height=${Math.max(4, y2 - y1)} rx="3" class=${kind}
      style=${of.is === 'down' ? 'fill: url(#down)' : nothing} />
    ${of.is === 'leads' && y2 - y1 > 60 ? crown(x - 22.5, y1 + 26) : nothing}
    ${of.is === 'down' ? nothing : label(x - 26, y1 + 11, `e${of.epoch}`, 'rn')}`;
}

function railTop(of: EpochSpan, at: Place): number {
  return of.from <= firstEvent(at) ? 10 : at.y(of.from) + 2;
}

function firstEvent(at: Place): number {
  const first = at.rows.find(({ row }) => row.is === 'event')?.row;
  return first?.is === 'event' ? first.n : 0;
}

function cutLine(of: History['cuts'][number], at: Place, say: Say): TemplateResult<2> {
  const x = cutX(of, at);
  const [y1, y2] = [at.y(of.from), at.y(of.to)];
  return svg`<path d="M${x} ${y1}V${y2}" class="edge fault" />${scissors(x, y1, 0.85)}
    ${label(x - 16, y1 + 4, of.text || say('cut'), 'el f end')}${claim(at, x + 8, y2, widthOf(of.healed, 12)) ? label(x + 8, y2 + 4, of.healed, 'el') : nothing}`;
}

function cutX(of: History['cuts'][number], at: Place): number {
  return (at.x(of.between[0]) + at.x(of.between[1])) / 2 + 8;
}

/** Takes the room for a text in a row, if nothing has it yet. */
function claim(at: Place, left: number, y: number, w: number): boolean {
  const box = { left, right: left + w, top: y - 8, bottom: y + 8 };
  const free = taken(at).every((t) => t.left >= box.right || box.left >= t.right || t.top >= box.bottom || box.top >= t.bottom);
  if (free) taken(at).push(box);
  return free;
}

interface Ends {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

function ends(of: HistoryMessage, at: Place): Ends | undefined {
  const column = (n: number) => {
    const found = at.rows.find(({ row }) => row.is === 'event' && row.n === n)?.row;
    return found?.is === 'event' ? found.column : undefined;
  };
  const a = column(of.from);
  if (of.is === 'lost') return a === undefined ? undefined : stopped(of, a, at);
  const b = column(of.to);
  if (a === undefined || b === undefined) return undefined;
  return { x1: at.x(a), y1: at.y(of.from), x2: at.x(b), y2: at.y(of.to) };
}

/** A message that does not arrive stops where its link is cut, or half-way. */
function stopped(of: HistoryMessage, from: ThingId, at: Place): Ends {
  const there = at.rows.find(({ row }) => row.is === 'event' && row.n === of.to)?.row;
  const to = of.between?.[1] ?? (there?.is === 'event' ? there.column : from);
  const [x1, y1] = [at.x(from), at.y(of.from)];
  const cut = at.of.history.cuts.find(({ between }) => between.includes(from) && between.includes(to));
  // Its receiver may have no column here: it goes to the right.
  const goal = to !== from && has(at.of.history, to) ? at.x(to) : x1 + 90;
  const x2 = cut && cut.between.every((id) => has(at.of.history, id)) ? cutX(cut, at) + (goal < x1 ? 4 : -4) : (x1 + goal) / 2;
  return { x1, y1, x2, y2: y1 + 14 };
}

function line(of: HistoryMessage, at: Place): TemplateResult<2> | typeof nothing {
  const e = ends(of, at);
  if (!e) return nothing;
  const [dx, dy] = [e.x2 - e.x1, e.y2 - e.y1];
  const length = Math.hypot(dx, dy) || 1;
  const short = of.is === 'lost' ? 0 : 8;
  const led = of.is === 'cause' && at.of.set === 'cause';
  const kind = `${of.is === 'lost' ? 'ml lost' : led ? 'ml in' : 'ml'} ${of.between?.includes(OTHERS) ? 'dash' : ''}`;
  const arrow = of.is === 'lost' ? 'arf' : led ? 'arp' : 'ar';
  return svg`<path d="M${e.x1} ${e.y1}L${e.x2 - (dx / length) * short} ${e.y2 - (dy / length) * short}" class=${kind}
    marker-end="url(#${arrow})" aria-hidden="true" />`;
}

/** On the line where it covers no event and no other text; left out if there is no such place. */
function lineLabel(of: HistoryMessage, at: Place): TemplateResult<2> | typeof nothing {
  const e = ends(of, at);
  if (!e || of.text === '') return nothing;
  const half = widthOf(of.text, 12) / 2 + 4;
  for (const share of [0.5, 0.4, 0.6, 0.3, 0.7]) {
    const [x, y] = [e.x1 + (e.x2 - e.x1) * share, e.y1 + (e.y2 - e.y1) * share - 6];
    const box = { left: x - half, right: x + half, top: y - 12, bottom: y + 4 };
    if (taken(at).some((t) => t.left < box.right && box.left < t.right && t.top < box.bottom && box.top < t.bottom)) continue;
    taken(at).push(box);
    return label(x, y, of.text, `el mid ${of.is === 'cause' ? 'in' : of.is === 'lost' ? 'f' : ''}`);
  }
  return nothing;
}

interface Rect {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const occupied = new WeakMap<Place, Rect[]>();

/** What labels must not cover: events with their words, and labels that were placed. */
function taken(at: Place): Rect[] {
  let all = occupied.get(at);
  if (all) return all;
  all = at.rows.flatMap(({ row, y }) => {
    if (row.is === 'fold') {
      return row.counts.filter(({ column }) => has(at.of.history, column)).map(({ column }) => ({ left: at.x(column) - 12, right: at.x(column) + 12, top: y - 12, bottom: y + 12 }));
    }
    const x = at.x(row.column);
    const words = row.text === '' ? 0 : Math.min(MOST, widthOf(row.text, 12)) + 12;
    const left = isLeft(row, at);
    return [{ left: left ? x - words - 20 : x - 8, right: left ? x + 8 : x + words, top: y - 8, bottom: y + 8 }];
  });
  occupied.set(at, all);
  return all;
}

/** Words stand right of their event, but left of the last column and of a crash. */
function isLeft(row: HistoryRow & { is: 'event' }, at: Place): boolean {
  return row.mark === 'crash' || at.x(row.column) + Math.min(MOST, widthOf(row.text, 12)) + 14 > at.of.width;
}

/** For the words beside an event: to the edge, to an epoch's name or a cut, and never across the whole diagram. */
function roomFor(x: number, y: number, left: boolean, at: Place): number {
  const { history, width } = at.of;
  const edge = left ? x - RULER - 40 : width - x - 14;
  const stops = [
    ...history.epochs.filter((span) => has(history, span.column) && span.is !== 'down').map((span) => ({ x: at.x(span.column) - 44, y: railTop(span, at) + 7 })),
    ...history.cuts.filter(({ between }) => between.every((id) => has(history, id))).map((cut) => ({ x: cutX(cut, at) - 16 - widthOf(cut.text, 12), y: at.y(cut.from) })),
  ];
  const blocked = stops.filter((stop) => Math.abs(stop.y - y) < 14 && !left && stop.x > x).map((stop) => stop.x - x - 14);
  return Math.max(40, Math.min(edge, MOST, ...blocked));
}

/** Words longer than this are cut: the card beside the diagram has them whole. */
const MOST = 300;

/** Marked, if it is in the chosen set; a fault keeps its colour whichever is chosen. */
function kindOf(row: HistoryRow & { is: 'event' }, set: HistorySet): string {
  if (row.mark === 'crash' || row.mark === 'fault') return 'f';
  const marked = row.set === undefined ? set === 'cause' && row.mark !== 'other' : row.set === set;
  return marked ? 'in' : 'far';
}

function event(row: HistoryRow & { is: 'event' }, y: number, at: Place, say: Say): TemplateResult<2> {
  const x = at.x(row.column);
  const { history } = at.of;
  const where = history.columns.find((c) => c.id === row.column)?.name ?? '';
  const here = row.n === history.selected;
  const left = isLeft(row, at);
  const kind = kindOf(row, at.of.set);
  const name = say('nameHistory', { n: row.n, where, text: row.text || where });
  const sign =
    row.mark === 'crash'
      ? svg`<path d="M${x - 8} ${y - 8}l16 16m0-16l-16 16" class="crash" />`
      : svg`<circle cx=${x} cy=${y} r="5.5" class="evd ${kind}" />`;
  const words = fit(row.text, roomFor(x, y, left, at), 12);
  return svg`<g class="event" tabindex="-1" role="button" data-event=${row.n} aria-label=${name}>
    ${here ? svg`<circle cx=${x} cy=${y} r="10.5" class="selring" />` : nothing}${sign}
    ${row.text ? label(left ? x - 30 : x + (here ? 16 : 11), y + 4, words, `el ${kind} ${left ? 'end' : ''}`) : nothing}</g>`;
}

function fold(row: HistoryRow & { is: 'fold' }, y: number, at: Place, say: Say): TemplateResult<2> {
  return svg`${row.counts.filter(({ column }) => has(at.of.history, column)).map(({ column, count }) => svg`<g class="event" tabindex="-1" role="button" data-fold=${row.after}
    aria-label=${say('nameFolded', { n: count })}><circle cx=${at.x(column)} cy=${y} r="10" class="foldc" />${label(at.x(column), y + 4, count, 'foldn')}</g>`)}`;
}

function ruler(row: HistoryRow, y: number, selected: number): TemplateResult<2> {
  if (row.is === 'fold') return svg`<path d="M${RULER - 14} ${y - 5}v10M${RULER - 8} ${y - 5}v10M${RULER - 2} ${y - 5}v10" class="foldm" />`;
  return label(RULER, y + 4, row.n, row.n === selected ? 'rn on' : 'rn');
}
