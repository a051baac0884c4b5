// A session in the worker of the page.

import type { Change } from '../panels/actions';
import type { Event, Facts, History, Metrics, Why } from '../scene';
import type { Say } from '../text/strings';
import { engine } from './engine';
import { sceneOf } from './frame';
import { BASE, type Calls } from './protocol';
import type { Beside, Opened, Session, Shown, Source } from './session';

export class WorkerSession implements Session {
  #session: number | undefined;
  #opened: Opened | undefined;

  async open(source: Source, say: Say): Promise<Opened> {
    if ('link' in source) throw new Error(`links are not read yet: ${source.link}`);
    this.close();
    const { session, run } = await engine().call('open', { scenario: source.scenario, language: say.language });
    this.#session = session;
    return this.#enter({ id: BASE, run, at: 0 });
  }

  async frame(n: number, say: Say): Promise<Shown> {
    const { run } = this.#here();
    return this.#picture(await engine().call('shown', { ...this.#of(say), n }), run, say);
  }

  async events(from: number, to: number, say: Say): Promise<Event[]> {
    return engine().call('events', { ...this.#of(say), from, to });
  }

  async beside(id: string, at: number, say: Say): Promise<Beside | undefined> {
    const other = { ...this.#of(say), run: id };
    const run = await engine().call('about', other);
    const n = await engine().call('until', { ...other, at });
    return { run, shown: this.#picture(await engine().call('shown', { ...other, n }), run, say) };
  }

  async metrics(): Promise<Metrics | undefined> {
    return undefined;
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

  async fork(at: number, change: Change, say: Say): Promise<Opened> {
    return this.#enter(await engine().call('fork', { ...this.#of(say), n: at, change }));
  }

  async openFork(id: string, say: Say): Promise<Opened> {
    return this.#enter({ id, at: 0, run: await engine().call('about', { ...this.#of(say), run: id }) });
  }

  async link(n: number): Promise<string> {
    return `${location.href.split('#')[0]}#at=${n}`;
  }

  close(): void {
    if (this.#session !== undefined) void engine().call('close', { session: this.#session });
    this.#session = undefined;
  }

  #enter(opened: Opened): Opened {
    this.#opened = opened;
    return opened;
  }

  #picture({ event, frame, lesson, listings }: Calls['shown']['answers'], run: Opened['run'], say: Say): Shown {
    return { event, scene: sceneOf(frame, run.topology, say), lesson, listings };
  }

  #here(): Opened {
    if (!this.#opened) throw new Error('nothing is open');
    return this.#opened;
  }

  #of(say: Say): { session: number; run: string; language: Say['language'] } {
    if (this.#session === undefined) throw new Error('nothing is open');
    return { session: this.#session, run: this.#here().id, language: say.language };
  }
}
