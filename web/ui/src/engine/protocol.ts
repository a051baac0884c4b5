// What the page and the worker say to each other.

import type { Change } from '../panels/actions';
import type { Event, Lesson, Listing, Run } from '../scene';
import type { Language } from '../text/strings';
import type { Frame } from './frame';

/** The run that was opened, among its forks. */
export const BASE = 'run';

/** One run of a session: as it was opened, or a fork of it. */
interface Of {
  session: number;
  run: string;
}

/** The language of the sentences in an answer. */
interface In {
  language: Language;
}

/** Each call: what it asks with, and what it is answered with. */
export interface Calls {
  open: { asks: { scenario: string } & In; answers: Opened };
  about: { asks: Of & In; answers: Run };
  shown: { asks: Of & In & { n: number }; answers: Shown };
  events: { asks: Of & In & { from: number; to: number }; answers: Event[] };
  /** After the last event that is not later than a time, in microseconds. */
  until: { asks: Of & { at: number }; answers: number };
  fork: { asks: Of & In & { n: number; change: Change }; answers: Forked };
  close: { asks: { session: number }; answers: null };
}

/** What is known at one event. */
export interface Shown {
  event: Event;
  frame: Frame;
  lesson?: Lesson | undefined;
  listings: Listing[];
}

/** A fork that was made. */
export interface Forked {
  id: string;
  /** The first event that is not as in the run that it left. */
  at: number;
  run: Run;
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
