// Beside the space-time diagram: the selected event, what led to it, and what else there was.

import { html, nothing, type TemplateResult } from 'lit';

import { prose } from '../draw/text';
import type { Event, History, HistoryRow, HistorySet } from '../scene';
import type { Key, Say } from '../text/strings';
import type { Act } from './actions';
import { seconds } from './time';

const SETS: { set: HistorySet; says: Key }[] = [
  { set: 'cause', says: 'causesCount' },
  { set: 'before', says: 'beforeCount' },
  { set: 'concurrent', says: 'concurrentCount' },
];

const HEADS: Record<HistorySet, Key> = { cause: 'ledHere', before: 'mightHave', concurrent: 'besideIt' };

type Told = HistoryRow & { is: 'event' };

/** The events of a set that the diagram shows, the latest first. An engine that tells no sets marks causes. */
export function inSet(of: History, set: HistorySet): Told[] {
  const told = of.rows.filter((row): row is Told => row.is === 'event');
  const marked = told.some((row) => row.set !== undefined);
  return told.filter((row) => (marked ? row.set === set : set === 'cause' && (row.mark === 'cause' || row.mark === 'restart'))).reverse();
}

export function momentCard(of: { event: Event; history: History; set: HistorySet }, say: Say, act: Act): TemplateResult {
  const { event, history, set } = of;
  const rows = inSet(history, set);
  const names = new Map(history.columns.map(({ id, name }) => [id, name]));
  return html`<section class="card moment wide" aria-label=${say('selectedEvent')}>
    <header><span class="eyebrow">${say('selectedEvent')}</span><span class="grow"></span><span class="mono quiet">${seconds(event.at)} s</span></header>
    <p class="head"><b class="mono">${event.n}</b> ${prose(event.says)}</p>
    ${history.sets ? html`<div class="cone" role="radiogroup" aria-label=${say('selectedEvent')}>${SETS.map((one) => html`<button role="radio" aria-checked=${one.set === set}
      class=${one.set === set ? 'on' : ''} @click=${() => act({ do: 'set', to: one.set })}><b>${history.sets![one.set]}</b>${say(one.says)}</button>`)}</div>` : nothing}
    <div class="tabs" role="tablist" aria-label=${say('selectedEvent')}><button role="tab" aria-selected="true" class="on">${say(HEADS[set])}</button>
      <button role="tab" aria-selected="false" @click=${() => act({ do: 'panel', to: 'story' })}>${say('story')}</button>
      <button role="tab" aria-selected="false" @click=${() => act({ do: 'panel', to: 'inspect' })}>${say('inspect')}</button></div>
    <ol class="scroll" tabindex="0">${rows.map((row) => html`<li class=${row.n === event.n ? 'now' : ''}><button @click=${() => act({ do: 'seek', to: row.n })}><span
      class="n">${row.n}</span><span><b>${names.get(row.column) ?? row.column}</b> ${row.text}</span></button></li>`)}
      ${rows.length === 0 ? html`<li class="quiet none">${say('nothingShown')}</li>` : nothing}</ol>
    <div class="row foot"><button class="btn pri grow" @click=${() => act({ do: 'why' })}>${say('why')}</button>
      <button class="btn" @click=${() => act({ do: 'fork', at: event.n, change: { is: 'none' } })}>${say('forkHere')}</button></div></section>`;
}
