// Links, what travels on them, and where they are cut.

import { nothing, svg, type TemplateResult } from 'lit';

import type { Layout, Way } from '../layout/layout';
import type { Flight, Link, Scene } from '../scene';
import { tokenName } from '../text/names';
import type { Say } from '../text/strings';
import { batch, crowd, TOKEN, token, trail } from './message';
import { scissors } from './marks';
import { fit, label, widthOf } from './text';

/** From the middle of a cut link to its scissors, and to what is stuck on it. */
const APART = 24;

/** More tokens than this in one frame are drawn as discs with counts. */
const MOST = 30;

/** All links of a scene, under the nodes. */
export function links(scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  return svg`${scene.links.map((link) => one(link, layout, say, scene.selected === link.id))}`;
}

function one(link: Link, layout: Layout, say: Say, selected: boolean): TemplateResult<2> | typeof nothing {
  const way = layout.links.get(link.id);
  if (!way) return nothing;
  if (link.kind === 'assign' && link.cut === undefined) {
    return svg`<g aria-hidden="true" data-thing=${link.id}><path d=${way.d} class="lane" /><path d=${way.d} class="lane2" /><path d=${way.d} class="grab" /></g>`;
  }
  const name = say('nameLink', { from: nameOf(link.from, say), to: nameOf(link.to, say) });
  return svg`<path d=${way.d} class=${`${kindOf(link)} ${selected ? 'chosen' : ''}`} role="img" data-thing=${link.id}
    aria-label=${link.label ? `${name}, ${link.label}` : name}
    marker-end=${link.kind === 'replicate' && !link.live ? nothing : `url(#${arrow(link)})`} />
    <path d=${way.d} class="grab" data-thing=${link.id} aria-hidden="true" />`;
}

function kindOf(link: Link): string {
  const kinds = ['edge'];
  if (link.cut !== undefined || link.kind === 'dead-letter') kinds.push('fault');
  else if (link.path) kinds.push('path');
  else if (link.live) kinds.push('live');
  if (link.kind === 'alternate' || link.path === 'ahead') kinds.push('dash');
  return kinds.join(' ');
}

function arrow(link: Link): string {
  if (link.cut !== undefined || link.kind === 'dead-letter') return 'arf';
  return link.path ? 'arp' : link.live ? 'ari' : 'ar';
}

/** `queue:errors` as it is spoken: `errors`. */
function nameOf(id: string, say: Say): string {
  return id.slice(id.indexOf(':') + 1) || say('defaultExchange');
}

/** Texts on links, and scissors: over the links, under the tokens. */
export function captions(scene: Scene, layout: Layout, say: Say): TemplateResult<2> {
  const busy = new Set(scene.flights.map((flight) => flight.link));
  return svg`${layout.form === 'bands' ? targets(scene, busy, layout, say) : nothing}${scene.links.map((link) => {
    const way = layout.links.get(link.id);
    if (!way) return nothing;
    if (link.cut !== undefined) {
      // What is stuck on it stands below the scissors.
      const at = busy.has(link.id) ? { x: way.text.x + 4, y: way.text.y - APART } : way.text;
      return svg`<g data-thing=${link.id}>${cutAt(at, link.cut, layout)}</g>`;
    }
    const text = textOf(link, layout, say);
    if (text === undefined || busy.has(link.id)) return nothing;
    if (layout.form === 'bands' && link.kind === 'binding') return nothing;
    const side = link.kind === 'dead-letter' ? (layout.form === 'bands' ? 'f sansl' : 'mid f sansl') : 'mid';
    const sans = link.kind === 'alternate' ? 'sansl' : '';
    // Where the link is level, its text stands on it; where it climbs, in its middle.
    const level = Math.abs(way.from.y - way.to.y) < 12 && link.kind === 'binding';
    return label(way.text.x, way.text.y + (level ? -7 : 4), text, `elab ${side} ${sans}`);
  })}`;
}

function textOf(link: Link, layout: Layout, say: Say): string | undefined {
  switch (link.kind) {
    case 'binding':
      return link.label || undefined;
    case 'alternate':
      return say(layout.form === 'bands' ? 'alternateShort' : 'alternate');
    case 'dead-letter':
      return say('deadLetter');
    default:
      return undefined;
  }
}

function cutAt(at: { x: number; y: number }, text: string, layout: Layout): TemplateResult<2> {
  if (layout.form === 'bands') return scissors(Math.max(16, at.x), at.y, 0.9);
  // Between narrow lanes there is room for the scissors alone.
  const lines = layout.width < 820 ? [] : text.split('\n');
  return svg`${scissors(at.x, at.y)}${lines.map((line, i) =>
    label(at.x - 18, at.y + 4 + (i - (lines.length - 1) / 2) * 15, line, 'elab f sansl end'),
  )}`;
}

/** What is under way, over everything. */
export function flights(scene: Scene, layout: Layout, say: Say, selected?: string): TemplateResult<2> {
  const many = scene.flights.reduce((sum, flight) => sum + countOf(flight), 0) > MOST;
  const before = new Map<string, number>();
  const cut = new Set(scene.links.filter((link) => link.cut !== undefined).map(({ id }) => id));
  return svg`${scene.flights.map((flight) => {
    const nth = before.get(flight.link) ?? 0;
    before.set(flight.link, nth + 1);
    const way = layout.links.get(flight.link);
    // Several on one link stand below each other.
    return way && flight.tokens.length > 0 && nth < 3 ? flying(flight, way, { ...way.token, y: way.token.y + nth * 42 + (cut.has(flight.link) ? APART : 0) }, layout, say, many, selected) : nothing;
  })}`;
}

function countOf({ tokens, more = 0 }: Flight): number {
  return tokens.length + more;
}

interface Point {
  x: number;
  y: number;
}

/** With less room a batch shows its first token and how many more. */
const TIGHT = 112;

function flying(flight: Flight, way: Way, at: Point, layout: Layout, say: Say, many: boolean, selected?: string) {
  const { x, y } = at;
  const count = countOf(flight);
  // Where a token starts that was not on the stage before.
  const start = `${way.from.x - TOKEN.w / 2} ${way.from.y - TOKEN.h / 2}`;
  if (many) return svg`<g class="flying">${crowd(x, y, count)}</g>`;
  const upright = Math.abs(way.from.x - way.to.x) < 30;
  const tight = layout.form === 'bands' || Math.abs(way.to.x - way.from.x) < TIGHT;
  // No room for a frame: a disc with the count.
  const slit = layout.form === 'lanes' && (upright ? layout.width < 820 : Math.abs(way.to.x - way.from.x) < 80);
  if (slit && count > 1) return svg`<g class="flying" data-start=${start}>${crowd(x, y, count)}</g>`;
  if (flight.batch) return batched(flight, at, say, start, tight, selected);
  const pitch = TOKEN.w + 6;
  const left = x - (count * pitch - 6) / 2;
  const room = layout.form === 'bands' ? layout.width - x - 40 : 150;
  const short = Math.abs(way.to.x - way.from.x) < 90;
  return svg`${upright || short ? nothing : trail(left, y - TOKEN.h / 2)}
    <g class="flying" data-start=${start}>${flight.tokens.map((of, i) =>
      token(left + i * pitch, y - TOKEN.h / 2, of, { selected: of.id === selected, name: tokenName(say, of) }),
    )}</g>
    ${flight.label && fits(flight, way, upright) ? flightLabel(flight.label, x, y, upright, room) : nothing}`;
}

/** Whether what is said of a flight covers neither end of its link. */
function fits(flight: Flight, way: Way, upright: boolean): boolean {
  if (upright) return !flight.link.startsWith('link:broker:');
  return widthOf(flight.label ?? '', 12, 'mono') < Math.abs(way.to.x - way.from.x) + 24;
}

/** Above a token that goes sideways, beside one that falls. */
function flightLabel(text: string, x: number, y: number, upright: boolean, room: number): TemplateResult<2> {
  const shown = fit(text, room, 12, 'mono');
  return upright
    ? label(x + TOKEN.w / 2 + 9, y + 4, shown, 'elab strong')
    : label(x, y - 24, shown, 'elab mid strong');
}

/** One for each producer: the link that is in use, else its first. */
function targets(scene: Scene, busy: Set<string>, layout: Layout, say: Say): TemplateResult<2>[] {
  const publish = scene.links.filter((link) => link.kind === 'publish');
  return [...new Set(publish.map(({ from }) => from))].map((from) => {
    const own = publish.filter((link) => link.from === from);
    const link = own.find(({ id }) => busy.has(id)) ?? own[0]!;
    return svg`${target(link.id, layout, say)}`;
  });
}

/** Where it goes, since what it goes to may not be shown: `to kafka-2`, `orders-0`. */
function target(link: string, layout: Layout, say: Say): TemplateResult<2> | typeof nothing {
  const [, partition, broker] = />replica:(.+)@(.+)$/.exec(link) ?? [];
  const way = layout.links.get(link);
  if (!way || partition === undefined || broker === undefined) return nothing;
  const room = layout.width - way.text.x - 12;
  return svg`${label(way.text.x, way.text.y - 2, fit(say('toBroker', { broker }), room, 11.5), 'psub')}
    ${label(way.text.x, way.text.y + 13, fit(partition, room, 11.5), 'psub')}`;
}

/** As many as there is room for, in one frame, and how many more. */
function batched(flight: Flight, at: Point, say: Say, start: string, tight: boolean, selected?: string): TemplateResult<2> {
  const { x, y } = at;
  const most = tight ? 1 : 2;
  const shown = flight.tokens.slice(0, most);
  const more = flight.tokens.length - shown.length;
  const w = shown.length * 48 - 6 + 12 + (more > 0 ? 22 : 0);
  const left = x - w / 2;
  const text = say(flight.tokens.length === 1 ? 'batchOne' : 'batchMany', { n: flight.tokens.length });
  return svg`<g class="flying" data-start=${start}>${batch(left, y - 18, w, 36)}
    ${shown.map((of, i) => token(left + 6 + i * 48, y - 12, of, { selected: of.id === selected, name: tokenName(say, of) }))}
    ${more > 0 ? label(left + w - 16, y + 4, `+${more}`, 'mk mid') : nothing}</g>
    ${tight ? nothing : label(Math.max(x, widthOf(text, 12) / 2 + 4), y - 26, text, 'elab sansl mid')}`;
}
