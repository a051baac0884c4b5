// What things are called by those who do not see them.

import type { Cell, Controller, Exchange, ExchangeSlot, Presence, Queue, Replica, Token } from '../scene';
import type { Say } from './strings';

const STATES = {
  ready: 'tokenReady',
  flight: 'tokenFlight',
  unacked: 'tokenUnacked',
  requeued: 'tokenRequeued',
  pending: 'tokenPending',
  dead: 'tokenDead',
  returned: 'tokenReturned',
  ghost: 'tokenGhost',
} as const;

const LETTERS = { r: 'rejected', e: 'expiredWhy', m: 'maxlen', d: 'deliveryLimit' } as const;

/** `m13, unacked by C1, key c`. */
export function tokenName(say: Say, of: Token): string {
  const name = say(STATES[of.state], {
    id: of.id,
    owner: of.owner ?? '',
    n: of.deliveries ?? 1,
    letter: of.letter ? say(LETTERS[of.letter]) : '',
    // From a run, what is not there is null.
    key: of.keyText == null ? say('noKey') : say('key', { key: of.keyText }),
  });
  return of.transient ? `${name}, ${say('transient')}` : name;
}

/** `queue errors, classic, durable, 2 ready, 2 unacked`. */
export function queueName(say: Say, of: Queue): string {
  const { name, line, ready, unacked } = of;
  return present(say, say('nameQueue', { name, kind: line, ready, unacked }), of.presence);
}

export function exchangeName(say: Say, of: Exchange, slot: ExchangeSlot): string {
  const name = of.name === '' ? say('defaultExchange') : of.name;
  const spoken = say('nameExchange', { name, kind: kindName(slot), n: slot.bindings.length });
  return present(say, spoken, of.presence);
}

/** The type of an exchange: the default exchange is a direct one. */
export function kindName(slot: ExchangeSlot): string {
  return slot.kind === 'default' ? 'direct' : slot.kind;
}

/** `orders-0 on kafka-1, follower, log end 7, high watermark 7`. */
export function replicaName(say: Say, of: Replica, broker: string): string {
  const { partition, line, leo, hw } = of;
  return say('nameReplica', { partition, broker, role: line, leo, hw });
}

export function controllerName(say: Say, of: Controller): string {
  const role = say(of.active ? 'activeController' : 'voter');
  return present(say, say('nameController', { name: of.name, role, n: of.end }), of.presence);
}

export function cellName(say: Say, of: Cell, committed: boolean): string {
  if (of.is === 'ghost') return say('nameGhostCell', { n: of.offset, id: of.id ?? '' });
  const name = say(committed ? 'nameCell' : 'nameOpenCell', { n: of.offset });
  return of.id ? `${name}, ${of.id}` : name;
}

/** A name, and what matters more than anything else about it. */
export function present(say: Say, name: string, presence: Presence): string {
  if (presence.is === 'absent') return say('nameAbsent', { name });
  return presence.is === 'there' ? name : `${name}, ${presence.since}`;
}
