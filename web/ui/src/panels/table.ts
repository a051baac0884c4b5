// The picture as a table: the same facts, for reading one after another.

import { html, nothing, type TemplateResult } from 'lit';

import { valueAt } from '../draw/chart';
import type { History, Metrics, Scene, Topology } from '../scene';
import { cellName, controllerName, exchangeName, present, queueName, replicaName, tokenName } from '../text/names';
import type { Say } from '../text/strings';
import { clock } from './time';

/** One thing and what there is to say of it. */
export interface Row {
  what: string;
  holds: string[];
}

export function rows(of: Topology, scene: Scene, say: Say): Row[] {
  const clients = (kind: 'nameProducer' | 'nameConsumer', all: Scene['producers']): Row[] =>
    all.map((one) => ({
      what: present(say, say(kind, { name: one.name }), one.presence),
      holds: [one.line, ...(one.assigned ?? []), one.note?.text ?? ''].filter((text) => text !== ''),
    }));
  return [
    ...clients('nameProducer', scene.producers),
    ...scene.exchanges.flatMap((one) => {
      const slot = of.exchanges.find((e) => e.name === one.name);
      return slot
        ? [{ what: exchangeName(say, one, slot), holds: slot.bindings.map((b) => `${b.key} → ${b.to.slice(b.to.indexOf(':') + 1)}`) }]
        : [];
    }),
    ...scene.queues.map((one) => ({ what: queueName(say, one), holds: one.tokens.map((t) => tokenName(say, t)) })),
    ...scene.brokers.flatMap((broker) =>
      broker.replicas.map((replica) => ({
        what: replicaName(say, replica, broker.name),
        holds: replica.cells.map((cell) => cellName(say, cell, cell.offset < replica.hw)),
      })),
    ),
    ...clients('nameConsumer', scene.consumers),
    ...scene.controllers.map((one) => ({ what: controllerName(say, one), holds: [] })),
    ...scene.flights.map((flight) => ({
      what: flight.link.replace('link:', '').replace('>', ' → '),
      holds: [...flight.tokens.map((t) => tokenName(say, t)), ...(flight.more ? [`+${flight.more}`] : [])],
    })),
    { what: say('left'), holds: scene.tray.map((e) => `${e.why}: ${e.count}${e.detail ? `, ${e.detail}` : ''}`) },
    { what: scene.ledger.text, holds: [say(scene.ledger.closes ? 'ledgerCloses' : 'ledgerOpen')] },
  ];
}

export function table(of: Topology, scene: Scene, event: number, say: Say): TemplateResult {
  return html`<table class="table astable"><caption>${say('nameStage', { n: event })}</caption><tbody>
    ${rows(of, scene, say).map(({ what, holds }) => html`<tr><th scope="row">${what}</th><td>${holds.length === 0 ? '–' : holds.join('; ')}</td></tr>`)}
  </tbody></table>`;
}

/** The diagram as a table: a row for each event, in order. */
export function historyTable(of: History, say: Say): TemplateResult {
  const names = new Map(of.columns.map(({ id, name }) => [id, name]));
  const message = (n: number) => of.messages.filter((m) => m.from === n || m.to === n).map((m) => (m.from === n ? `${m.text} →` : `→ ${m.text}`));
  return html`<table class="table astable"><caption>${say('spaceTime')}</caption><tbody>${of.rows.map((row) =>
    row.is === 'event'
      ? html`<tr aria-current=${row.n === of.selected ? 'true' : nothing}><th scope="row">${row.n}</th><td class="mono">${clock(row.at)}</td><td>${names.get(row.column) ?? row.column}</td>
          <td>${[row.text, ...message(row.n)].filter((text) => text !== '').join('; ')}</td></tr>`
      : html`<tr><th scope="row">···</th><td colspan="3">${row.counts.map(({ column, count }) => `${names.get(column) ?? column}: ${say('nameFolded', { n: count })}`).join('; ')}</td></tr>`,
  )}</tbody></table>`;
}

/** What is measured at the cursor, as a table. */
export function metricsTable(of: Metrics, now: number, say: Say): TemplateResult {
  return html`<table class="table astable"><caption>${say('atTime', { time: clock(now) })}</caption><tbody>${of.series.map(
    (one) => html`<tr><th scope="row">${one.name}</th><td class="mono">${valueAt(one, now) ?? '–'}</td><td>${one.unit}</td></tr>`,
  )}</tbody></table>`;
}
