// What can be done to a thing that is pointed at: only what makes sense for it as it is now.

import { html, type TemplateResult } from 'lit';

import type { Presence, Scene, ThingId } from '../scene';
import type { Key, Say } from '../text/strings';
import type { Act, FaultName } from './actions';

const WORDS: Record<FaultName, Key> = {
  crash: 'faultCrash',
  power: 'faultPower',
  restart: 'faultRestart',
  stop: 'faultStop',
  pause: 'faultPause',
  resume: 'faultResume',
  cut: 'faultCut',
  heal: 'faultHeal',
  slow: 'faultSlow',
  reset: 'faultReset',
  hold: 'faultHold',
  release: 'faultRelease',
  skew: 'faultSkew',
  unskew: 'faultUnskew',
  'slow-disk': 'faultSlowDisk',
  'disk-full': 'faultDiskFull',
  'disk-free': 'faultDiskFree',
};

/** What keeps a log has a disk that can fail it. */
const WITH_DISK = /^(broker|replica|controller|queue|exchange):/;

/** The faults that a thing can have at this event; none for what is no process and no link. */
export function faultsOf(thing: ThingId, scene: Scene): FaultName[] {
  if (thing.startsWith('link:')) {
    const link = scene.links.find(({ id }) => id === thing);
    // A share of the work is no way that can be cut: the consumer is.
    if (!link || link.kind === 'dead-letter' || link.kind === 'alternate' || link.kind === 'binding') return [];
    return link.cut === undefined ? ['cut', 'slow', 'hold', 'reset'] : ['heal'];
  }
  const presence = presenceOf(thing, scene);
  if (!presence || presence.is === 'absent' || presence.is === 'ended') return [];
  const apart: FaultName = isCut(thing, scene) ? 'heal' : 'cut';
  if (presence.is === 'down') return ['restart', apart];
  const disk: FaultName[] = WITH_DISK.test(thing) ? ['slow-disk', 'disk-full'] : [];
  return ['crash', 'power', 'stop', presence.paused ? 'resume' : 'pause', apart, ...disk];
}

/** Whether something that is there stands for it on the stage; a replica stands for its broker. */
function presenceOf(thing: ThingId, scene: Scene): Presence | undefined {
  const kind = thing.slice(0, thing.indexOf(':'));
  const name = thing.slice(kind.length + 1);
  const of = (all: { name: string; presence: Presence }[]) => all.find((one) => one.name === name)?.presence;
  switch (kind) {
    case 'producer':
      return of(scene.producers);
    case 'consumer':
      return of(scene.consumers);
    case 'exchange':
      return of(scene.exchanges);
    case 'queue':
      return of(scene.queues);
    case 'broker':
      return of(scene.brokers);
    case 'controller':
      return of(scene.controllers);
    case 'replica':
      return presenceOf(`broker:${name.slice(name.indexOf('@') + 1)}`, scene);
    default:
      return undefined;
  }
}

/** A log fails with the process that keeps it. */
function doneTo(thing: ThingId): ThingId {
  return thing.startsWith('replica:') ? `broker:${thing.slice(thing.indexOf('@') + 1)}` : thing;
}

function isCut(thing: ThingId, scene: Scene): boolean {
  const ends = (id: ThingId) => id === thing || (thing.startsWith('broker:') && id.endsWith(`@${thing.slice('broker:'.length)}`));
  const own = scene.links.filter((link) => ends(link.from) || ends(link.to));
  return own.length > 0 && own.some((link) => link.cut !== undefined);
}

/** A thing as it is called in a menu: `kafka-1`, `kafka-1 to kafka-2`. */
export function called(thing: ThingId, say: Say): string {
  const name = (id: string) => {
    const plain = id.slice(Math.max(id.indexOf(':'), id.startsWith('replica:') ? id.indexOf('@') : 0) + 1);
    return plain === '' ? say('defaultExchange') : plain;
  };
  const [, from, to] = /^link:(.+)>([^#]+)/.exec(thing) ?? [];
  if (from !== undefined && to !== undefined) return say('fromTo', { from: name(from), to: name(to) });
  return thing.slice(thing.indexOf(':') + 1) || say('defaultExchange');
}

/** The menu at a thing: what is known of it, then what can be done to it. Each fault makes a fork. */
export function faultMenu(
  thing: ThingId,
  at: number,
  scene: Scene,
  place: { x: number; y: number },
  say: Say,
  act: Act,
): TemplateResult {
  const name = called(thing, say);
  const message = thing.startsWith('message:');
  const faults = faultsOf(thing, scene);
  return html`<div class="veil" @click=${() => act({ do: 'close' })} @contextmenu=${(e: Event) => e.preventDefault()}></div>
    <div class="menu" role="menu" style="left:${place.x}px;top:${place.y}px" aria-label=${say('faultsOf', { name })}>
    <h2>${name}</h2>
    <button role="menuitem" @click=${() => act({ do: 'why' })}>${say('why')}<kbd>Enter</kbd></button>
    <button role="menuitem" @click=${() => act({ do: 'panel', to: 'inspect' })}>${say('inspect')}<kbd>I</kbd></button>
    ${faults.length > 0 || message ? html`<hr />` : ''}
    ${/^(queue|exchange):/.test(thing) && faults.length > 0 ? html`<p>${say('itsBroker')}</p>` : ''}
    ${faults.map((fault) => html`<button role="menuitem" class="does"
      @click=${() => act({ do: 'fork', at, change: { is: 'fault', fault, on: doneTo(thing) } })}>${say(fault === 'cut' && thing.startsWith('link:') ? 'faultCutLink' : WORDS[fault])}</button>`)}
    ${message ? html`<button role="menuitem" class="does" @click=${() => act({ do: 'fork', at, change: { is: 'drop', message: thing } })}>${say('faultDrop')}<kbd>D</kbd></button>` : ''}
    ${faults.length > 0 || message ? html`<p>${say('faultForks', { n: at })}</p>` : ''}</div>`;
}
