// A session in the worker of the page.

import type { Event, Facts, History, Metrics, Why } from '../scene';
import { engine } from './engine';
import type { Beside, Opened, Session, Shown, Source } from './session';

export class WorkerSession implements Session {
  #session: number | undefined;
  #opened: Opened | undefined;

  async open(source: Source): Promise<Opened> {
    if ('link' in source) throw new Error(`links are not read yet: ${source.link}`);
    this.close();
    const { session, run } = await engine().call('open', { scenario: source.scenario });
    this.#session = session;
    this.#opened = { id: 'run', run, at: 0 };
    return this.#opened;
  }

  async frame(n: number): Promise<Shown> {
    return engine().call('frame', { session: this.#now(), n });
  }

  async events(from: number, to: number): Promise<Event[]> {
    return engine().call('events', { session: this.#now(), from, to });
  }

  async history(): Promise<History | undefined> {
    return undefined;
  }

  async find(): Promise<Event[]> {
    return [];
  }

  async why(): Promise<Why | undefined> {
    return undefined;
  }

  async inspect(): Promise<Facts | undefined> {
    return undefined;
  }

  async fork(): Promise<Opened> {
    throw new Error('forks are not made here yet: change the scenario and open it anew');
  }

  async openFork(): Promise<Opened> {
    if (!this.#opened) throw new Error('nothing is open');
    return this.#opened;
  }

  async beside(): Promise<Beside | undefined> {
    return undefined;
  }

  async metrics(): Promise<Metrics | undefined> {
    return undefined;
  }

  async link(n: number): Promise<string> {
    return `${location.href.split('#')[0]}#at=${n}`;
  }

  close(): void {
    if (this.#session !== undefined) void engine().call('close', { session: this.#session });
    this.#session = undefined;
  }

  #now(): number {
    if (this.#session === undefined) throw new Error('nothing is open');
    return this.#session;
  }
}
