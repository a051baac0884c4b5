// What was measured along the run: one chart for each unit.

import { html, type TemplateResult } from 'lit';

import { chart, LEFT, roomForNames, valueAt } from '../draw/chart';
import type { Metrics, Series } from '../scene';
import type { Say } from '../text/strings';
import type { Act } from './actions';

export interface MetricsView {
  of: Metrics | undefined;
  /** Virtual time of the cursor and of the last event, in microseconds. */
  now: number;
  end: number;
  width: number;
  height: number;
}

/** Below this the names of lines stand under their chart. */
const NARROW = 520;

/** Lines in one chart, so that each can be told from the others. */
const MOST = 6;

export function metrics(view: MetricsView, say: Say, act: Act): TemplateResult {
  const series = view.of?.series ?? [];
  if (series.length === 0) return html`<div class="plate center"><p class="quiet">${say('noMetrics')}</p></div>`;
  const units = [...new Set(series.map(({ unit }) => unit))];
  const width = view.width - 20;
  const height = Math.floor(Math.max(150, Math.min(300, (view.height - 52) / units.length - 8)));
  const names = width < NARROW ? 0 : roomForNames(series);
  const end = Math.max(view.end, ...series.flatMap((s) => s.points.map(([, at]) => at)));
  return html`<div class="plate charts" tabindex="0">${units.map((unit) => {
    const own = mostTelling(series.filter((s) => s.unit === unit));
    const name = `${unit}: ${own.map((s) => `${s.name} ${valueAt(s, view.now) ?? '–'}`).join(', ')}`;
    return html`<svg class="chart" width=${width} height=${height} viewBox="0 0 ${width} ${height}" @click=${(e: MouseEvent) => pointed(e, own, width - names, end, act)}>${chart(
      { unit, series: own, width, height, names, now: view.now, end },
      name,
    )}</svg>`;
  })}<p class="quiet hintline">${say('metricsNote')}</p></div>`;
}

/** The series that change most; the others have nothing to show. */
function mostTelling(all: Series[]): Series[] {
  return [...all].sort((a, b) => b.points.length - a.points.length).slice(0, MOST);
}

/** A click goes to the last change before the time that is pointed at. */
function pointed(event: MouseEvent, all: Series[], right: number, end: number, act: Act): void {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const share = (event.clientX - box.left - LEFT) / Math.max(1, right - LEFT);
  const time = Math.min(1, Math.max(0, share)) * end;
  const last = all.flatMap((s) => s.points).filter(([, at]) => at <= time).sort((a, b) => a[0] - b[0]).at(-1);
  if (last) act({ do: 'seek', to: last[0] });
}
