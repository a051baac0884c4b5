// RabbitMQ's stage: producers, exchanges, queues, consumers.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Layout } from '../layout/layout';
import type { Box } from '../layout/place';
import type { Client, Queue, QueueReplica, Scene, Topology } from '../scene';
import { exchangeName, kindName, present, queueName, tokenName } from '../text/names';
import type { Say } from '../text/strings';
import { captions, flights, links } from './links';
import { crown, staleCrown } from './marks';
import { consumer, exchange, producer, type NodeLook } from './nodes';
import { bar, gridCell, queue, type QueueLook } from './pipe';
import { discs, lanes, slotName } from './stage-parts';
import { fit, label, widthOf } from './text';
import { tray } from './tray';

export function rabbitmqStage(of: Topology, scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  const selected = scene.selected;
  const look = (thing: string, name: string): NodeLook => ({ thing, name, selected: selected === thing });
  const chosen = selected?.startsWith('message:') ? selected.slice('message:'.length) : undefined;
  return svg`
    ${lanes(layout, of, say)}
    ${layout.enclosures.map(({ box }) => svg`<rect x=${box.x} y=${box.y} width=${box.w} height=${box.h} rx="9" class="encl" />`)}
    ${links(scene, layout, say)}
    ${captions(scene, layout, say)}
    ${scene.producers.map((one) => client('producer', one, layout, say, look))}
    ${scene.exchanges.map((one) => {
      const id = `exchange:${one.name}`;
      const slot = of.exchanges.find((e) => e.name === one.name);
      const [box, caption] = [layout.boxes.get(id), layout.captions.get(id)];
      if (!slot || !box || !caption) return nothing;
      if (one.presence.is === 'absent') return slotName(box, one.name);
      const name = one.name === '' ? say('defaultExchange') : one.name;
      const line = layout.form === 'bands' || one.name === '' ? '' : kindName(slot);
      return exchange(
        box,
        { name, kind: slot.kind, presence: one.presence, line },
        look(id, exchangeName(say, one, slot)),
        caption,
      );
    })}
    ${scene.queues.map((one) => oneQueue(one, of, layout, say, look, chosen))}
    ${scene.consumers.map((one) => client('consumer', one, layout, say, look, of))}
    ${flights(scene, layout, say, chosen)}
    ${discs(scene, layout, say)}
    ${tray(scene, layout, say, chosen)}`;
}

type Look = (thing: string, name: string) => NodeLook;

function client(
  kind: 'producer' | 'consumer',
  of: Client,
  layout: Layout,
  say: Say,
  look: Look,
  topology?: Topology,
): TemplateResult<2> | typeof nothing {
  const id = `${kind}:${of.name}`;
  const box = layout.boxes.get(id);
  if (!box) return nothing;
  if (of.presence.is === 'absent') return svg`${slotName(box, of.name)}${note(of, box, layout)}`;
  const spoken = say(kind === 'producer' ? 'nameProducer' : 'nameConsumer', { name: of.name });
  const named = look(id, present(say, of.line ? `${spoken}, ${of.line.replaceAll('\n', ', ')}` : spoken, of.presence));
  const tag = topology?.consumers.find((c) => c.name === of.name)?.tag;
  const shape = kind === 'producer' ? producer(box, of, named) : consumer(box, of, named, box.h < 28 ? undefined : tag);
  return svg`${shape}${note(of, box, layout)}`;
}

/** What is worth knowing of a client, under it. */
export function note(of: Client, box: Box, layout: Layout): TemplateResult<2> | typeof nothing {
  if (!of.note || box.h < 40 || layout.form === 'bands') return nothing;
  const tone = { wait: 'wait', fault: 'bad', plain: '' }[of.note.tone];
  return svg`${of.note.text.split('\n').map((line, i) =>
    label(box.x + 4, box.y + box.h + 18 + i * 16, fit(line, box.w + 24, 12), `note ${tone}`),
  )}`;
}

function oneQueue(
  of: Queue,
  topology: Topology,
  layout: Layout,
  say: Say,
  look: Look,
  chosen?: string,
): TemplateResult<2> | typeof nothing {
  const id = `queue:${of.name}`;
  const box = layout.boxes.get(id);
  if (!box) return nothing;
  const slot = topology.queues.find((q) => q.name === of.name);
  const dead = topology.queues.some((q) => q.deadLetters === of.name);
  const named: QueueLook = {
    ...look(id, present(say, queueName(say, of), of.presence)),
    words: { ready: say('ready'), unacked: say('unacked') },
    selectedToken: chosen,
    tokenName: (token) => tokenName(say, token),
    inside: layout.form === 'bands' && dead && layout.density.queues === 'full',
  };
  switch (layout.density.queues) {
    case 'grid':
      return layout.form === 'lanes' ? gridCell(box, of, named) : bar(box, of, named);
    case 'bars':
      return bar(box, of, named);
    default: {
      const shown = layout.density.queues === 'slim' || layout.form === 'bands' ? { ...of, line: '' } : of;
      return svg`${queue(box, shown, named)}${
        slot?.kind === 'quorum' && layout.form === 'lanes' && layout.density.queues === 'full'
          ? replicas(of, layout, say)
          : nothing
      }`;
    }
  }
}

/** The rows under a quorum queue: what each node has of its log. */
function replicas(of: Queue, layout: Layout, say: Say): TemplateResult<2> {
  const cell = 34;
  const most = Math.max(0, ...of.replicas.map((r) => r.entries.length));
  const held = of.replicas.filter((r) => r.entries.length === most).length;
  // A majority has it: that is what a quorum queue calls committed.
  const counts = of.replicas.map((r) => r.entries.length).sort((a, b) => b - a);
  const committed = counts[Math.floor(of.replicas.length / 2)] ?? 0;
  const first = layout.boxes.get(`replica:${of.name}@${of.replicas[0]?.node}`);
  if (!first) return svg``;
  const right = first.x + first.w - 24;
  const left = right - most * cell;
  const line = left + committed * cell;
  return svg`${of.replicas.map((one) => {
    const box = layout.boxes.get(`replica:${of.name}@${one.node}`);
    return box ? replicaRow(one, box, { left, cell, most, committed }) : nothing;
  })}${held > 0 ? svg`<path d="M${line} ${first.y - 4}V${first.y + of.replicas.length * 22}" class="hw"><title>${say('legendOk')}</title></path>` : nothing}`;
}

function replicaRow(
  of: QueueReplica,
  box: Box,
  at: { left: number; cell: number; most: number; committed: number },
): TemplateResult<2> {
  const base = box.y + 13;
  const x = box.x + 24;
  const name = fit(of.node, 90, 11.5, 'mono');
  const room = at.left - x - widthOf(name, 11.5, 'mono') - 16;
  return svg`
    ${of.role === 'leader' ? crown(box.x, box.y + 3) : of.role === 'stale' ? staleCrown(box.x, box.y + 3) : nothing}
    ${label(x, base, name, 'mk')}
    ${room < 24 ? nothing : label(x + widthOf(name, 11.5, 'mono') + 8, base, fit(of.presence.is === 'down' ? of.presence.since : of.line, room, 11.5), of.presence.is === 'down' ? 'psub bad' : 'psub')}
    ${Array.from({ length: at.most }, (_, i) => {
      const cx = at.left + i * at.cell;
      const entry = of.entries[i];
      if (entry === undefined) {
        return svg`<rect x=${cx} y=${box.y} width=${at.cell} height=${box.h} class="slot" />`;
      }
      return svg`<g class="cell ${i >= at.committed ? 'uncommitted' : ''}"><rect x=${cx} y=${box.y} width=${at.cell}
        height=${box.h} class="cb" />${label(cx + at.cell / 2, base, entry, 'cn')}</g>`;
    })}`;
}
