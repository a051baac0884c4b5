// What the page and the worker say to each other.

import type { Event, Run } from '../scene';
import type { Shown } from './session';

/** Each call: what it asks with, and what it is answered with. */
export interface Calls {
  open: { asks: { scenario: string }; answers: Opened };
  frame: { asks: { session: number; n: number }; answers: Shown };
  events: { asks: { session: number; from: number; to: number }; answers: Event[] };
  close: { asks: { session: number }; answers: null };
}

/** A new session: a scenario that was run to its end. */
export interface Opened {
  session: number;
  /** The engine's version, which every link to a run names. */
  engine: string;
  /** The digest of the run, in hexadecimal. */
  digest: string;
  run: Run;
}

export type CallName = keyof Calls;

/** One call; `id` finds its reply. */
export type Request = {
  [Name in CallName]: { id: number; call: Name } & Calls[Name]['asks'];
}[CallName];

/** The answer to a call, or one line that says why there is none. */
export type Reply = { id: number; answer: unknown } | { id: number; error: string };
