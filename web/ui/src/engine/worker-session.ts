// A session in the worker of the page.

import type { Event, Facts, History, Scene, Topology, Why } from '../scene';
import { engine } from './engine';
import type { Opened, Session, Shown, Source } from './session';

/** The wasm module counts steps and draws nothing yet: its world is empty, and it ends here. */
const END = 100;

const NOTHING: Topology = {
  family: 'rabbitmq',
  producers: [],
  consumers: [],
  exchanges: [],
  queues: [],
  brokers: [],
  partitions: [],
  controllers: [],
};

export class WorkerSession implements Session {
  #scenario = '{}';
  #session: number | undefined;
  #at = 0;

  async open(source: Source): Promise<Opened> {
    if ('link' in source) throw new Error(`links are not read yet: ${source.link}`);
    this.#scenario = source.scenario;
    await this.#restart();
    const run = {
      title: 'Sandbox',
      family: 'rabbitmq' as const,
      topology: NOTHING,
      total: END,
      interesting: [],
      hops: [],
      flags: [],
      checks: [],
      forks: [],
      columns: [],
    };
    return { id: 'run', run, at: 0 };
  }

  async frame(n: number): Promise<Shown> {
    if (n < this.#at) await this.#restart();
    while (this.#at < n) {
      const { step } = await engine().call('step', { session: this.#session! });
      this.#at = step;
    }
    const [event] = await this.events(n, n);
    const scene: Scene = {
      ...NOTHING,
      producers: [],
      consumers: [],
      exchanges: [],
      queues: [],
      brokers: [],
      controllers: [],
      links: [],
      flights: [],
      tray: [],
      ledger: { text: '', closes: true },
      remarks: [],
      causes: [],
    };
    return { event: event!, scene, listings: [] };
  }

  async events(from: number, to: number): Promise<Event[]> {
    return Array.from({ length: to - from + 1 }, (_, i) => ({ n: from + i, at: 0, says: `Step ${from + i}.` }));
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
    throw new Error('an empty world has nothing to change');
  }

  async openFork(): Promise<Opened> {
    return this.open({ scenario: this.#scenario });
  }

  async link(n: number): Promise<string> {
    return `${location.href.split('#')[0]}#at=${n}`;
  }

  close(): void {
    if (this.#session !== undefined) void engine().call('close', { session: this.#session });
    this.#session = undefined;
  }

  async #restart(): Promise<void> {
    this.close();
    const { session, view } = await engine().call('open', { scenario: this.#scenario });
    this.#session = session;
    this.#at = view.step;
  }
}
