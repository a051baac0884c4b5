// Pages of the gallery that are not a player: every glyph in every state, and the home page.

import { LitElement, html, render, svg, unsafeCSS, type TemplateResult } from 'lit';

import * as kafka from './kafka';
import { definitions, crown, disc, octagon, scissors, staleCrown, downStrip } from '../src/draw/marks';
import { batch, crowd, token, trail } from '../src/draw/message';
import { consumer, exchange, producer } from '../src/draw/nodes';
import { bar, gridCell, pipe, queue } from '../src/draw/pipe';
import { preview } from '../src/draw/preview';
import { tape } from '../src/draw/tape';
import { label } from '../src/draw/text';
import { ScenarioError } from '../src/engine/session';
import { home, type Home, type Walkthrough } from '../src/panels/home';
import { changedLink, trouble } from '../src/panels/shell';
import type { Client, ExchangeKind, Queue, Replica, Token } from '../src/scene';
import homeCss from '../src/style/home.css?inline';
import logCss from '../src/style/log.css?inline';
import panelsCss from '../src/style/panels.css?inline';
import viewsCss from '../src/style/views.css?inline';
import shellCss from '../src/style/shell.css?inline';
import stageCss from '../src/style/stage.css?inline';
import tokensCss from '../src/style/tokens.css?inline';
import { languageOf, sayer } from '../src/text/strings';

/** A box with the player's styles. */
class Sheet extends LitElement {
  static override styles = [tokensCss, shellCss, stageCss, logCss, panelsCss, viewsCss, homeCss].map((css) => unsafeCSS(css));
  declare body: TemplateResult;
  static override properties = { body: { attribute: false } };
  override render() {
    return html`<svg class="defs" aria-hidden="true">${definitions()}</svg>${this.body}`;
  }
}
customElements.define('glass-sheet', Sheet);

export function sheets(into: HTMLElement, name: string, lang: string): void {
  const say = sayer(languageOf(lang));
  const theme = document.documentElement.dataset['theme'] ?? 'light';
  const body = name === 'home' ? home(walkthroughs(), say, { filter: () => {}, look: () => undefined, theme: () => {}, language: () => {} }) : glyphs();
  render(html`<glass-sheet data-theme=${theme} .body=${body}></glass-sheet>`, into);
}

const tokenOf = (id: string, state: Token['state'], more: Partial<Token> = {}): Token => ({ id, key: 'a', keyText: 'a', state, ...more });

const MESSAGES: [Token, string][] = [
  [tokenOf('m1', 'ready'), 'ready'],
  [tokenOf('m2', 'ready', { key: 'b', transient: true }), 'transient'],
  [tokenOf('m3', 'flight'), 'on a link'],
  [tokenOf('m4', 'unacked', { key: 'c', owner: 'C1' }), 'unacked'],
  [tokenOf('m5', 'requeued', { key: 'd', deliveries: 2 }), 'requeued'],
  [tokenOf('m6', 'pending', { key: 'e' }), 'not committed'],
  [tokenOf('m7', 'ready', { ttl: 0.3 }), 'TTL, 30 % left'],
  [tokenOf('m8', 'dead', { key: 'b', letter: 'r' }), 'dead-lettered'],
  [tokenOf('m9', 'returned', { key: 'c' }), 'returned'],
  [tokenOf('m10', 'ghost'), 'ghost'],
  [tokenOf('m11', 'ready', { key: 'd' }), 'selected'],
];

const there = { is: 'there' } as const;
const client = (name: string, line: string): Client => ({ name, line, presence: there });
const look = (name: string) => ({ name, thing: `node:${name}` });

const log = (leo: number, hw: number, more: Partial<Replica> = {}): Replica => ({
  partition: 'orders-0',
  role: 'leader',
  line: '',
  from: 0,
  leo,
  hw,
  cells: Array.from({ length: leo }, (_, offset) => ({ offset, is: 'record' as const, key: (['a', 'b', 'd'] as const)[offset % 3]! })),
  epochs: [],
  committed: [],
  ...more,
});

const QUEUE: Queue = {
  name: 'errors',
  presence: there,
  line: 'classic, durable',
  ready: 1,
  unacked: 1,
  replicas: [],
  tokens: [tokenOf('m12', 'unacked', { owner: 'C1', key: 'b' }), tokenOf('m15', 'ready', { key: 'd' })],
};
const queueLook = { thing: 'queue:errors', name: 'queue errors', words: { ready: 'ready', unacked: 'unacked' }, tokenName: (t: Token) => t.id };

function glyphs(): TemplateResult {
  const section = (title: string, height: number, body: TemplateResult<2>) =>
    html`<section class="card glyphs"><h2>${title}</h2><svg width="1340" height=${height} viewBox="0 0 1340 ${height}">${body}</svg></section>`;
  const cellName = () => 'cell';
  return html`<div class="wrap">
    ${section('Message', 130, svg`
      ${MESSAGES.map(([one, words], i) => svg`${token(10 + i * 120, 16, one, { selected: words === 'selected' })}${label(4 + i * 120, 72, words, 'psub')}`)}
      ${(['a', 'b', 'c', 'd', 'e', 'f'] as const).map((key, i) => svg`${token(10 + i * 100, 94, tokenOf(`m2${i}`, 'ready', { key }))}`)}
      ${batch(634, 88, 102, 36)}${token(640, 94, tokenOf('m21', 'flight'))}${token(688, 94, tokenOf('m22', 'flight', { key: 'b' }))}
      ${trail(846, 94)}${token(846, 94, tokenOf('m23', 'flight'))}${crowd(960, 106, 37)}`)}
    ${section('Node and role', 96, svg`
      ${producer({ x: 4, y: 10, w: 114, h: 48 }, client('app', '12 sent'), look('app'))}
      ${consumer({ x: 150, y: 10, w: 136, h: 48 }, client('pager', 'prefetch 2, 2 out'), look('pager'), 'C1')}
      ${(['direct', 'topic', 'fanout', 'headers'] as ExchangeKind[]).map((kind, i) =>
        exchange({ x: 316 + i * 92, y: 6, w: 48, h: 48 }, { name: kind, kind, presence: there, line: '' }, look(kind), { x: 340 + i * 92, y: 70, anchor: 'middle', room: 90 }),
      )}
      <rect x="700" y="8" width="112" height="52" rx="8" class="bcard" /><rect x="704" y="12" width="104" height="44" rx="5" class="leadbox" />${crown(714, 22)}${label(734, 32, 'leader', 'pname')}${label(734, 48, 'epoch 5', 'psub')}
      <rect x="830" y="8" width="112" height="52" rx="8" class="bcard" />${label(846, 32, 'follower', 'pname')}${label(846, 48, 'in sync', 'psub')}
      <rect x="960" y="8" width="112" height="52" rx="8" class="outbox" />${label(976, 32, 'follower', 'pname')}${label(976, 48, 'out of ISR', 'psub waitt')}
      <rect x="1090" y="8" width="90" height="52" rx="8" class="bcard" />${staleCrown(1100, 20)}${label(1122, 31, 'stale', 'pname')}
      <g class="node down"><rect x="1200" y="8" width="110" height="52" rx="8" class="shape" stroke-dasharray="5 4" />${downStrip(1200, 8, 52)}${label(1218, 31, 'kafka-1', 'pname')}${label(1218, 48, 'down', 'psub bad')}</g>`)}
    ${section('Queue, log, marks', 100, svg`
      ${queue({ x: 10, y: 36, w: 286, h: 40 }, QUEUE, queueLook)}
      ${tape({ x: 350, y: 44, cell: 24, cells: 12 }, log(9, 7, { lso: 5, epochs: [{ epoch: 4, offset: 0 }, { epoch: 5, offset: 6 }], committed: [{ group: 'billing', offset: 3 }] }), { cellName })}
      ${tape({ x: 660, y: 44, cell: 24, cells: 12 }, log(4, 4, { cells: [...log(4, 4).cells, { offset: 4, is: 'ghost', key: 'f', id: 'm4' }] }), { cellName })}
      ${scissors(850, 56)}${octagon(910, 56, 13)}${octagon(960, 56, 13, false)}${disc(1010, 56, 3)}
      <path d="M1060 56H1120" class="lane" /><path d="M1060 56H1122" class="lane2" />${pipe(1160, 36, 120, 40)}`)}
    ${section('Many', 170, svg`
      ${['orders.eu', 'orders.us', 'orders.cn', 'mail', 'audit', 'metrics'].map((name, i) =>
        bar({ x: 10, y: 10 + i * 26, w: 230, h: 16 }, { ...QUEUE, name, ready: [4, 18, 2, 0, 9, 31][i]!, unacked: [1, 6, 1, 0, 3, 2][i]! }, queueLook),
      )}
      ${Array.from({ length: 100 }, (_, i) =>
        gridCell({ x: 560 + (i % 20) * 15, y: 14 + Math.floor(i / 20) * 15, w: 12, h: 12 }, { ...QUEUE, unacked: [4, 9, 41].includes(i) ? 1 : 0 }, queueLook),
      )}`)}
    ${trouble(new ScenarioError('unknown key', 'prefetch_cout', 'prefetch_count', 'clients[1].config, line 24'), sayer('en'), () => {})}
    ${changedLink(['crash:kafka-9@s12: no such node'], sayer('en'), () => {})}
  </div>`;
}

function walkthroughs(): Home {
  const small = (id: string, x: number, y: number, more: Partial<Token> = {}) => token(x, y, tokenOf(id, 'ready', more));
  const all: Walkthrough[] = [
    { scenario: 'rabbitmq/hello', family: 'rabbitmq', title: 'Your first message', about: 'From pika to a queue and out of it, line by line.', level: 1, topics: ['topicPrograms'] },
    { scenario: 'kafka/acks-1', family: 'kafka', title: 'acks=1 loses an acknowledged record', about: 'A clean cluster, one crash, and the record is gone.', level: 2, state: 'breaks', topics: ['topicReplication'] },
  ];
  const previews: Record<string, TemplateResult<2>> = {
    'rabbitmq/hello': svg`${producer({ x: 20, y: 36, w: 84, h: 44 }, client('hello', ''), look('hello'))}<path d="M104 58H160" class="edge live" marker-end="url(#ari)" />${pipe(170, 40, 124, 36)}${small('m1', 240, 46)}`,
    'kafka/acks-1': preview(kafka.topology, kafka.scene, true),
  };
  return {
    all,
    filter: { text: '' },
    progress: (scenario) => (scenario === 'rabbitmq/hello' ? 'done' : undefined),
    last: { of: all[1]!, at: 143, total: 210 },
    preview: (scenario) => previews[scenario],
  };
}
