// The story: a line for each event around the cursor. Quiet ones are folded with their like.

import { html, nothing, type TemplateResult } from 'lit';

import { prose } from '../draw/text';
import type { Event } from '../scene';
import type { Say } from '../text/strings';
import type { Act } from './actions';

/** A line of the story: an event, or several quiet ones. */
export type Line = { is: 'event'; event: Event } | { is: 'fold'; events: Event[] };

/** Fewer quiet events than this are not worth a fold. */
const FEW = 2;

/** Folds runs of quiet events. The current one is always shown, and so is a run that was opened. */
export function folded(events: Event[], at: number, opened: number[]): Line[] {
  const lines: Line[] = [];
  let run: Event[] = [];
  const close = () => {
    const shown = run.length < FEW || run.some(({ n }) => opened.includes(n));
    if (shown) lines.push(...run.map((event) => ({ is: 'event', event }) as const));
    else lines.push({ is: 'fold', events: run });
    run = [];
  };
  for (const event of events) {
    if (event.weight === 'quiet' && event.n !== at) run.push(event);
    else {
      close();
      lines.push({ is: 'event', event });
    }
  }
  close();
  return lines;
}

/** Lines before and after the cursor: more are reached by moving it. */
const BEFORE = 22;
const AFTER = 8;

/** `marked` are faults and violations. */
export function story(events: Event[], at: number, opened: number[], marked: Set<number>, say: Say, act: Act): TemplateResult {
  const lines = folded(events, at, opened);
  const here = lines.findIndex((line) => line.is === 'event' && line.event.n === at);
  const near = lines.slice(Math.max(0, here - BEFORE), here + 1 + AFTER);
  return html`<ol>${near.map((line) => (line.is === 'event' ? one(line.event, at, marked.has(line.event.n), act) : fold(line.events, at, say, act)))}</ol>`;
}

function one(event: Event, at: number, marked: boolean, act: Act): TemplateResult {
  const fault = event.tag?.tone === 'fault';
  const kinds = [event.n === at ? 'now' : event.n > at ? 'next' : '', marked ? 'fault' : '', event.weight ?? ''];
  return html`<li class=${kinds.filter(Boolean).join(' ')} aria-current=${event.n === at ? 'step' : nothing}>
    <button tabindex=${event.n === at ? 0 : -1} @click=${() => act({ do: 'seek', to: event.n })}><span class="n">${event.n}</span><span>${prose(event.says)}${
      event.tag ? html` <span class="tag ${fault ? 'f' : ''}">${event.tag.text}</span>` : nothing
    }</span></button></li>`;
}

function fold(events: Event[], at: number, say: Say, act: Act): TemplateResult {
  const [first, last] = [events[0]!.n, events.at(-1)!.n];
  return html`<li class="quietly ${first > at ? 'next' : ''}"><button tabindex="-1" @click=${() => act({ do: 'quiet', after: first })}><span class="n" aria-hidden="true">···</span><span>${say('quietEvents', { n: events.length, from: first, to: last })}</span></button></li>`;
}
