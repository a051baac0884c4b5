// A session that knows one frame: it shows that at every event, with the event's own number.

import { EngineStopped, type Beside, type Moment, type Opened, type Progress, type Session, type Shown } from '../src/engine/session';
import type { Change } from '../src/panels/actions';
import type { Event, Facts, History, Metrics, Run, ThingId, Why } from '../src/scene';

export interface Frame {
  run: Run;
  shown: Shown;
  at: number;
  events?: Event[];
  history?: History;
  why?: Why;
  facts?: Facts;
  metrics?: Metrics;
  /** A run to compare it with. */
  beside?: Beside;
}

export class Fixed implements Session {
  #of: Frame;
  /** What was asked of it, for tests. */
  forks: { at: number; change: Change }[] = [];

  constructor(of: Frame) {
    this.#of = of;
  }

  async open(): Promise<Opened> {
    const { run, at } = this.#of;
    return { id: `fork-${this.forks.length}`, run, at };
  }

  async frame(n: number): Promise<Shown> {
    const { shown, at } = this.#of;
    if (n === at) return { ...shown, scene: { ...shown.scene } };
    const [event] = await this.events(n, n);
    return { ...shown, event: event!, scene: { ...shown.scene, flights: [], causes: [], selected: undefined } };
  }

  async events(from: number, to: number): Promise<Event[]> {
    const known = [...(this.#of.events ?? []), this.#of.shown.event];
    const named = known.filter((e, i) => e.n >= from && e.n <= to && known.findIndex((o) => o.n === e.n) === i);
    if (named.length > 0) return named.sort((a, b) => a.n - b.n);
    return [{ n: from, at: from * 24_500, says: `Event ${from}.` }];
  }

  async history(): Promise<History | undefined> {
    return this.#of.history;
  }

  async moment(n: number, before: number, after: number): Promise<Moment> {
    return { shown: await this.frame(n), events: await this.events(n - before, n + after) };
  }

  async goOn(): Promise<Progress> {
    return { played: 1_000_000, total: this.#of.run.total, notices: [] };
  }

  async cures(): Promise<Why['cures']> {
    return this.#of.why?.cures ?? [];
  }

  async find(text: string): Promise<Event[]> {
    return (this.#of.events ?? []).filter(({ says }) => says.includes(text));
  }

  async why(): Promise<Why | undefined> {
    return this.#of.why;
  }

  async inspect(thing: ThingId, n: number): Promise<Facts> {
    return this.#of.facts ?? {
      title: thing.slice(thing.indexOf(':') + 1),
      kind: thing.slice(0, thing.indexOf(':')),
      rows: [{ name: 'event', value: String(n) }],
      events: this.#of.run.interesting.map((at) => ({ n: at, says: `Event ${at}.` })),
    };
  }

  async fork(at: number, change: Change): Promise<Opened> {
    if (at > this.#of.run.total) throw new EngineStopped('no such event', at);
    this.forks.push({ at, change });
    return { ...(await this.open()), at };
  }

  async openFork(id: string): Promise<Opened> {
    return { ...(await this.open()), id };
  }

  async beside(): Promise<Beside | undefined> {
    return this.#of.beside;
  }

  async metrics(): Promise<Metrics | undefined> {
    return this.#of.metrics;
  }

  async link(n: number): Promise<string> {
    return `#g1;engine=0.1;gallery;at=${n}`;
  }

  close(): void {}
}
