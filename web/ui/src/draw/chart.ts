// Measured values along a run: a line goes level from event to event, as the values do.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Series } from '../scene';
import { fit, label, widthOf } from './text';

export interface Chart {
  unit: string;
  series: Series[];
  width: number;
  height: number;
  /** Room at the right for the names of the lines; without it they stand below. */
  names: number;
  /** The cursor, and the end of the run, in microseconds. */
  now: number;
  end: number;
}

/** Left of the first value. */
export const LEFT = 52;
const TOP = 30;
const FOOT = 26;
const LINE = 18;
/** How lines are told apart: no hue, colour is kept for its meanings. */
const DASHES = ['', '7 4', '2 3', '10 3 2 3', '1 4', '14 4'];

/** Room for the names of all lines, so that charts below each other share one axis of time. */
export function roomForNames(all: Series[]): number {
  return Math.min(230, Math.max(60, ...all.map((s) => widthOf(s.name, 12) + 44)));
}

/** The value that a series has at a time: the last one that is not later. */
export function valueAt(of: Series, time: number): number | undefined {
  return of.points.filter(([, at]) => at <= time).at(-1)?.[2];
}

export function chart(of: Chart, name: string): TemplateResult<2> {
  const { width, height, series, now, end, names } = of;
  const below = names === 0;
  const [right, bottom] = [width - (below ? 14 : names + 14), height - FOOT - (below ? series.length * LINE : 0)];
  const most = Math.max(1, ...series.flatMap((s) => s.points.map(([, , v]) => v)));
  const top = ceiling(most);
  const x = (time: number) => LEFT + ((right - LEFT) * time) / Math.max(1, end);
  const y = (value: number) => bottom - ((bottom - TOP) * value) / top;
  const beside = spaced(series.map((s) => y(valueAt(s, end) ?? 0)), 16, TOP, bottom);
  const rows = below ? series.map((_, i) => bottom + FOOT + 14 + i * LINE) : beside;
  const at = below ? 12 : right + 4;
  return svg`<g role="img" aria-label=${name}>
    ${label(12, 17, of.unit, 'chu')}
    ${[0, top / 2, top].map((v) => svg`<path d="M${LEFT} ${y(v)}H${right}" class="rowline" />${label(LEFT - 8, y(v) + 4, v, 'rn')}`)}
    ${seconds(end, Math.max(2, (right - LEFT) / 60)).map((s) => svg`<path d="M${x(s * 1e6)} ${bottom}v4" class="stick" />${label(x(s * 1e6), bottom + 18, `${s} s`, 'st mid')}`)}
    ${series.map((s, i) => svg`<path d=${steps(s, x, y, end)} class="chl" stroke-dasharray=${DASHES[i % DASHES.length] || nothing} />
      <path d="M${at} ${rows[i]! - 4}h22" class="chl" stroke-dasharray=${DASHES[i % DASHES.length] || nothing} />
      ${label(at + 28, rows[i]!, fit(s.name, below ? width - 60 : names - 26, 12), 'qc')}`)}
    <path d="M${x(now)} ${TOP - 8}V${bottom}" class="curl" />
    ${series.map((s) => {
      const value = valueAt(s, now);
      return value === undefined ? nothing : svg`<circle cx=${x(now)} cy=${y(value)} r="3.5" class="frkn" />`;
    })}</g>`;
}

/** Level to the next event, then up or down to its value. */
function steps(of: Series, x: (t: number) => number, y: (v: number) => number, end: number): string {
  const [first, ...rest] = of.points;
  if (!first) return '';
  return `M${x(first[1])} ${y(first[2])}${rest.map(([, at, v]) => `H${x(at).toFixed(1)}V${y(v).toFixed(1)}`).join('')}H${x(end)}`;
}

/** The next round number, which an axis ends with. */
export function ceiling(most: number): number {
  const size = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.5, 2, 3, 4, 6, 8, 10].find((k) => k * size >= most) ?? 10) * size;
}

/** Round seconds for an axis. */
function seconds(end: number, most: number): number[] {
  const whole = end / 1e6;
  const pitch = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 600].find((p) => whole / p <= most) ?? 3600;
  return Array.from({ length: Math.floor(whole / pitch) + 1 }, (_, i) => Math.round(i * pitch * 100) / 100);
}

/** Texts beside the ends of their lines, moved apart where they would cover each other. */
function spaced(ys: number[], gap: number, from: number, to: number): number[] {
  const order = ys.map((_, i) => i).sort((a, b) => ys[a]! - ys[b]!);
  const placed = [...ys];
  let last = from - gap;
  for (const i of order) {
    placed[i] = Math.max(ys[i]! + 4, last + gap);
    last = placed[i]!;
  }
  const over = Math.max(0, last - to);
  return placed.map((y) => y - over);
}
