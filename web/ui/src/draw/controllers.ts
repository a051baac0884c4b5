// The strip under Kafka's brokers: the voters of the metadata quorum, and the ledger line.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Layout } from '../layout/layout';
import type { Controller, Note, Scene } from '../scene';
import { controllerName } from '../text/names';
import type { Say } from '../text/strings';
import { crown, downStrip } from './marks';
import { node, type NodeLook } from './nodes';
import { fit, label, widthOf } from './text';
import { leftLine } from './tray';

/** Height of the voters' row. */
const VOTERS = 52;

export function controllers(
  scene: Scene,
  layout: Layout,
  say: Say,
  look: (thing: string, name: string) => NodeLook,
): TemplateResult<2> {
  const { x, y, w, h } = layout.tray;
  const ground = svg`<rect x=${x} y=${y} width=${w} height=${h} rx="9" class="traybg" />`;
  if (layout.form === 'bands') return svg`<g class="tray">${ground}${small(scene, layout, say)}</g>`;
  const all = scene.controllers;
  const chosen = scene.selected?.startsWith('message:') ? scene.selected.slice('message:'.length) : undefined;
  if (all.length === 0) return svg`<g class="tray">${ground}${leftLine(scene, layout.tray, say, chosen)}</g>`;
  const whole = h > VOTERS;
  const head = w < 800 ? 0 : 178;
  const remarks = w < 800 ? 0 : 300;
  const pitch = Math.min(190, (w - head - remarks - 12) / all.length);
  const end = x + head + all.length * pitch;
  return svg`<g class="tray">${ground}
    ${head ? svg`${label(x + 14, y + 22, say('controllers'), 'trayh')}${scene.controllerEpoch === undefined ? nothing : label(x + 14, y + 39, say('kraftEpoch', { n: scene.controllerEpoch }), 'trayn')}` : nothing}
    ${all.map((one, i) => voter(one, { x: x + head + 6 + i * pitch, y: y + 5, w: pitch - 16, h: 42 }, say, look))}
    ${remarks ? notes(scene, end + 4, y, x + w - end - 16, say, whole) : nothing}
    ${whole ? svg`<path d="M${x + 2} ${y + VOTERS}H${x + w - 2}" class="rowline" />${leftLine(scene, { x, y: y + VOTERS, w, h: h - VOTERS }, say, chosen)}` : nothing}</g>`;
}

function voter(
  of: Controller,
  box: { x: number; y: number; w: number; h: number },
  say: Say,
  look: (thing: string, name: string) => NodeLook,
): TemplateResult<2> {
  const { x, y, w, h } = box;
  const down = of.presence.is === 'down';
  const role = of.presence.is === 'down' ? of.presence.since : say(of.active ? 'activeController' : 'voter');
  const shape = svg`<rect x=${x} y=${y} width=${w} height=${h} rx="7" class="bcard shape" stroke-dasharray=${down ? '5 4' : nothing} />
    ${of.active && !down ? svg`<rect x=${x + 3} y=${y + 3} width=${w - 6} height=${h - 6} rx="5" class="leadbox" />${crown(x + 14, y + 10)}` : nothing}
    ${down ? downStrip(x, y, h) : nothing}
    ${label(x + 36, y + 18, fit(of.name, w - 54 - widthOf(String(of.end), 11.5, 'mono'), 13), 'pname')}
    ${label(x + 36, y + 33, fit(role, w - 44, 11.5), down ? 'psub bad' : 'psub')}
    ${label(x + w - 12, y + 18, of.end, 'mk end')}`;
  return node(box, look(`controller:${of.name}`, controllerName(say, of)), of.presence, shape);
}

/** Who leads, as the leader itself says it: for the first two partitions, those without a leader first. */
function standing(scene: Scene, say: Say): Note[] {
  const partitions = [...new Set(scene.brokers.flatMap((b) => b.replicas.map((r) => r.partition)))];
  const notes = partitions.map((partition): Note => {
    const broker = scene.brokers.find((b) => b.presence.is === 'there' && b.replicas.some((r) => r.partition === partition && r.role === 'leader'));
    const line = broker?.replicas.find((r) => r.partition === partition)?.line ?? '';
    return broker
      ? { text: say('ledBy', { partition, broker: broker.name, line }), tone: 'plain' }
      : { text: say('noLeader', { partition }), tone: 'fault' };
  });
  return notes.sort((a, b) => Number(b.tone === 'fault') - Number(a.tone === 'fault')).slice(0, 2);
}

/** What is worth saying; the ledger below it, where it has no line of its own. */
function notes(scene: Scene, x: number, y: number, room: number, say: Say, whole: boolean): TemplateResult<2> {
  const toned = (remark: Scene['remarks'][number]) => (remark.tone === 'fault' ? 'note bad' : remark.tone === 'wait' ? 'note wait' : 'note');
  const all = scene.remarks.length > 0 ? scene.remarks : standing(scene, say);
  const said = all.slice(whole ? -2 : -1);
  const lines = said.map((remark, i) => label(x, y + (said.length === 1 && whole ? 30 : 22 + i * 17), fit(remark.text, room, 12), toned(remark)));
  return svg`${lines}${whole ? nothing : ledger(scene, x, said.length > 0 ? y + 39 : y + 30, room, say)}`;
}

function ledger(scene: Scene, x: number, y: number, room: number, say: Say): TemplateResult<2> {
  const words = scene.ledger.closes ? '' : say('ledgerOpen');
  const text = fit(scene.ledger.text, room - widthOf(words, 12), 12);
  return svg`<text x=${x} y=${y} class="trayn">${text} <tspan class="badt">${words}</tspan><title>${scene.ledger.text}</title></text>`;
}

/** One line: who is active, and the last remark. */
function small(scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  const { x, y, w, h } = layout.tray;
  const base = y + h / 2 + 4;
  const active = scene.controllers.find((c) => c.active);
  const head = say('controller');
  const at = x + 12 + widthOf(head, 12.5) + 12;
  const name = active ? [active.name, scene.controllerEpoch].filter((v) => v !== undefined).join(', e') : '';
  const [remark] = scene.remarks.slice(-1);
  const from = at + 20 + widthOf(name, 11.5, 'mono') + 14;
  return svg`${scene.controllers.length > 0 ? svg`${label(x + 10, base, head, 'trayh')}
    ${active ? svg`${crown(at, base - 9)}${label(at + 18, base, name, 'mk')}` : nothing}
    ${remark ? label(x + w - 10, base, fit(remark.text, x + w - 10 - from, 12), `note end ${remark.tone === 'fault' ? 'bad' : remark.tone === 'wait' ? 'wait' : ''}`) : nothing}`
    : ledger(scene, x + 12, base, w - 24, say)}`;
}
