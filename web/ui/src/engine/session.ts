// What the player asks of an engine. The worker's engine answers it for a real run; a test or a
// figure may answer it from what it has.

import type { Change } from '../panels/actions';
import type { Event, Facts, History, Lesson, Listing, Metrics, Run, Scene, ThingId, Why } from '../scene';
import type { Say } from '../text/strings';

/** What to open: a scenario by its text, with its name if it is one of the library; or a link to a run. */
export type Source = { scenario: string; name?: string | undefined } | { link: string };

export interface Opened {
  /** Names this run among its forks. */
  id: string;
  run: Run;
  /** Where to begin. */
  at: number;
  /** The view that a link asks for. */
  view?: string | undefined;
  /** What of a link could not be taken as it is, a line each. */
  notices?: string[] | undefined;
}

/** What is known at one event. */
export interface Shown {
  event: Event;
  scene: Scene;
  /** What a teacher says here. */
  lesson?: Lesson | undefined;
  /** The programs of the run, each with the line it is at. */
  listings: Listing[];
}

/** What is known at one event, and the story around it. */
export interface Moment {
  shown: Shown;
  events: Event[];
}

/** How far a run was played, and what is known of it by now. */
export interface Progress {
  /** Millionths of its time. */
  played: number;
  /** The number of the last event so far. */
  total: number;
  /** What the run is by now, if there is much more of it than was known. */
  run?: Run | undefined;
  /** What of a link could not be taken as it is, a line each. */
  notices: string[];
}

/** Another run, at a moment. */
export interface Beside {
  run: Run;
  shown: Shown;
  /** Of checks that are broken in one of the two: what broke them, in a sentence. */
  why?: Record<string, string> | undefined;
}

/** A person's reader asks in a language: each answer in words takes it from `say`. */
export interface Session {
  /** Reads a source and runs it, at least for a little while. */
  open(source: Source, say: Say): Promise<Opened>;
  /** The state after event `n`. */
  frame(n: number, say: Say): Promise<Shown>;
  /** The same, with the story from so many events before it to so many after it. */
  moment(n: number, before: number, after: number, say: Say): Promise<Moment>;
  /** Plays a run of which event `known` is the last that was told of on for a little while. */
  goOn(known: number, say: Say): Promise<Progress>;
  /** The part of the trace around an event, with these folds open, for a space-time diagram. */
  history(n: number, unfolded: number[], say: Say): Promise<History | undefined>;
  /** Events that a text is found in: a message, a key, a word. The first few; `sofar` is told each time
   * that there are more, since putting a long run into words takes its time. */
  find(text: string, say: Say, sofar: (found: Event[]) => void): Promise<Event[]>;
  /** What led to the state of a thing at an event: of a message, of a check (`check:no-acknowledged-loss`),
   * of the last event that is about anything else; of the event itself, if no thing is named. */
  why(thing: ThingId | undefined, n: number, say: Say): Promise<Why | undefined>;
  /** The settings with which what is asked about was tried, and did not come about. */
  cures(thing: ThingId, say: Say): Promise<Why['cures']>;
  /** What is known of a thing at an event. */
  inspect(thing: ThingId, n: number, say: Say): Promise<Facts | undefined>;
  /** Another run at a moment of virtual time, in microseconds: after its last event that is not later. */
  beside(id: string, at: number, say: Say): Promise<Beside | undefined>;
  /** What was measured along the run. */
  metrics(say: Say): Promise<Metrics | undefined>;
  /** The run as it would have been, had something changed after event `at`. */
  fork(at: number, change: Change, say: Say): Promise<Opened>;
  /** Another run that was forked, or `run`: the one that was opened. */
  openFork(id: string, say: Say): Promise<Opened>;
  /** An address that opens this run at an event, in a view. */
  link(n: number, view?: string): Promise<string>;
  close(): void;
}

/** A scenario that could not be read: what, where, and what was meant. */
export class ScenarioError extends Error {
  constructor(
    message: string,
    /** The key that is not known. */
    readonly key?: string,
    /** The nearest one that is. */
    readonly nearest?: string,
    /** `clients[1].config, line 24`. */
    readonly place?: string,
  ) {
    super(message);
  }
}

/** The engine stopped: the last good frame stays. */
export class EngineStopped extends Error {
  constructor(
    message: string,
    readonly event: number,
  ) {
    super(message);
  }
}
