// What the page and the worker say to each other.

import type { Change } from '../panels/actions';
import type { EpochSpan, Event, History, Lesson, Listing, Run, ThingId } from '../scene';
import type { Language } from '../text/strings';
import type { Bucket, Frame } from './frame';

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
  /** A scenario, with its name in the library if it has one. */
  open: { asks: { scenario: string; name: string } & In; answers: Opened };
  /** The name of the scenario that a link needs from the library; empty, if it brings its own. */
  scenario: { asks: { link: string }; answers: string };
  /** A link, with the text of the scenario that it needs. */
  follow: { asks: { link: string; scenario: string } & In; answers: Opened };
  about: { asks: Of & In; answers: Run };
  shown: { asks: Of & In & { n: number }; answers: Shown };
  /** The state after event `n`, with the story around it. */
  moment: { asks: Of & In & { n: number; before: number; after: number }; answers: Moment };
  /** Plays a run on for a little while; `known` is the last event that was told of. */
  on: { asks: Of & In & { known: number }; answers: Progress };
  /** After the last event that is not later than a time, in microseconds. */
  until: { asks: Of & { at: number }; answers: number };
  history: { asks: Of & In & { n: number; unfolded: number[] }; answers: Slice };
  search: { asks: Of & In & { text: string; from: number }; answers: Found };
  /** An empty thing is the event itself. */
  why: { asks: Of & In & { thing: ThingId; n: number }; answers: Causes | null };
  cures: { asks: Of & { thing: ThingId }; answers: Cures | null };
  inspect: { asks: Of & In & { thing: ThingId; n: number }; answers: Inspected };
  metrics: { asks: Of; answers: Measured[] };
  link: { asks: Of; answers: string };
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

/** What is known at one event, and the story around it. */
export interface Moment {
  shown: Shown;
  events: Event[];
}

/** How far a run was played. */
export interface Progress {
  /** Millionths of its time. */
  played: number;
  /** The number of the last event so far. */
  total: number;
  /** What the run is by now, if there is much more of it than was known. */
  run: Run | null;
  notices: Notice[];
}

/** The settings with which a check was tried, and held. */
export interface Cures {
  check: string;
  changes: string[];
}

/** `History` without the words that the page adds. */
export type Slice = Omit<History, 'columns' | 'cuts' | 'epochs'> & {
  columns: ThingId[];
  cuts: Omit<History['cuts'][number], 'text' | 'healed'>[];
  epochs: (Omit<EpochSpan, 'to'> & { to: number | null })[];
};

/** `Why` without the words that the page adds. */
export interface Causes {
  of:
    | { is: 'message'; label: string; end: string | null }
    | { is: 'check'; name: string; found: string }
    | { is: 'event'; n: number };
  chain: { n: number; says: string; on: ThingId; chip: { text: string; is: 'config' | 'rule' } | null }[];
}

/** The first events that a text is found in; `next` is where to go on, if something is left. */
export interface Found {
  events: Event[];
  next: number | null;
}

/** What is known of a thing. */
export interface Inspected {
  shown: Shown;
  /** As the brokers and libraries spell them. */
  settings: [string, string][];
  events: { n: number; says: string }[];
  /** The process that it is, or is on. */
  node: string | null;
  fate: Fate | null;
}

/** What became of a message until then. */
export interface Fate {
  /** `shop/17`. */
  name: string;
  sender: string;
  bucket: Bucket;
  key: string | null;
  copies: { place: string; state: string }[];
}

/** What was measured, and of what: a queue; a partition and a broker; a group and a partition. */
export interface Measured {
  what: 'sent' | 'confirmed' | 'received' | 'lost' | 'ready' | 'unacked' | 'log-end' | 'high-watermark' | 'lag';
  of: string[];
  points: [number, number, number][];
}

/** What of a link is not as whoever shared it saw it. */
export type Notice =
  | { is: 'engine'; made: string; now: string }
  | { is: 'scenario'; name: string }
  | { is: 'end' };

/** A fork that was made. */
export interface Forked {
  id: string;
  /** The first event that is not as in the run that it left. */
  at: number;
  run: Run;
}

/** A new session: a scenario that was run for a little while. */
export interface Opened {
  session: number;
  /** The engine's version, which every link to a run names. */
  engine: string;
  run: Run;
  notices: Notice[];
}

export type CallName = keyof Calls;

/** One call; `id` finds its reply. */
export type Request = {
  [Name in CallName]: { id: number; call: Name } & Calls[Name]['asks'];
}[CallName];

/** The answer to a call, or one line that says why there is none. */
export type Reply = { id: number; answer: unknown } | { id: number; error: string };
