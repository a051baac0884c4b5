// What the page and the worker say to each other.

/** What a session shows of itself. */
export interface View {
  /** How many steps were taken. */
  step: number;
  /** The fingerprint of the state, in hexadecimal. */
  digest: string;
}

/** Each call: what it asks with, and what it is answered with. */
export interface Calls {
  open: { asks: { scenario: string }; answers: Opened };
  step: { asks: { session: number }; answers: View };
  close: { asks: { session: number }; answers: null };
}

/** A new session, before its first step. */
export interface Opened {
  session: number;
  /** The engine's version, which every link to a run names. */
  engine: string;
  view: View;
}

export type CallName = keyof Calls;

/** One call; `id` finds its reply. */
export type Request = {
  [Name in CallName]: { id: number; call: Name } & Calls[Name]['asks'];
}[CallName];

/** The answer to a call, or one line that says why there is none. */
export type Reply = { id: number; answer: unknown } | { id: number; error: string };
