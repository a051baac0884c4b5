// A session in the worker of the page.

import type { Change } from '../panels/actions';
import { loadScenario } from '../player/scenario';
import type { Event, Facts, History, Metrics, ThingId, Why } from '../scene';
import type { Say } from '../text/strings';
import { engine } from './engine';
import { factsOf } from './facts';
import { sceneOf } from './frame';
import { historyOf, metricsOf, noticed, placeIn, whyOf } from './answers';
import { BASE, type Calls, type Found } from './protocol';
import type { Beside, Moment, Opened, Progress, Session, Shown, Source } from './session';

/** Events that a search shows. */
const FOUND = 12;

export class WorkerSession implements Session {
  #session: number | undefined;
  #opened: Opened | undefined;
  /** Searches so far: one that another has followed is given up. */
  #searches = 0;

  async open(source: Source, say: Say): Promise<Opened> {
    this.close();
    const { language } = say;
    if (!('link' in source)) {
      const { session, run } = await engine().call('open', { scenario: source.scenario, name: source.name ?? '', language });
      this.#session = session;
      return this.#enter({ id: BASE, run, at: 0 });
    }
    const { link, at, view } = placeIn(source.link);
    const name = await engine().call('scenario', { link });
    const scenario = name === '' ? '' : await loadScenario(name);
    const { session, run, notices } = await engine().call('follow', { link, scenario, language });
    this.#session = session;
    return this.#enter({ id: BASE, run, at: Math.min(at, run.total), view, notices: notices.map((one) => noticed(one, say)) });
  }

  async frame(n: number, say: Say): Promise<Shown> {
    const { run } = this.#here();
    return this.#picture(await engine().call('shown', { ...this.#of(say), n }), run, say);
  }

  async moment(n: number, before: number, after: number, say: Say): Promise<Moment> {
    const { run } = this.#here();
    const { shown, events } = await engine().call('moment', { ...this.#of(say), n, before, after });
    return { shown: this.#picture(shown, run, say), events };
  }

  async goOn(known: number, say: Say): Promise<Progress> {
    const here = this.#here();
    const { run, notices, ...far } = await engine().call('on', { ...this.#of(say), known });
    if (run && this.#opened === here) this.#opened = { ...here, run };
    return { ...far, run: run ?? undefined, notices: notices.map((one) => noticed(one, say)) };
  }

  async beside(id: string, at: number, say: Say): Promise<Beside | undefined> {
    const other = { ...this.#of(say), run: id };
    const run = await engine().call('about', other);
    const n = await engine().call('until', { ...other, at });
    const shown = this.#picture(await engine().call('shown', { ...other, n }), run, say);
    return { run, shown, why: { ...(await this.#broke(this.#here(), at, say)), ...(await this.#broke({ id, run, at }, at, say)) } };
  }

  /** The last cause of each check that is broken by a time. */
  async #broke({ id, run }: Opened, at: number, say: Say): Promise<Record<string, string>> {
    const of = { ...this.#of(say), run: id };
    const n = await engine().call('until', { ...of, at });
    const broken = run.checks.filter((check) => check.is === 'breaks' && check.at !== undefined && check.at <= n);
    const said = broken.map(async ({ name }) => {
      const causes = await engine().call('why', { ...of, thing: `check:${name}`, n });
      return [name, causes?.chain.at(-1)?.says ?? ''] as const;
    });
    return Object.fromEntries(await Promise.all(said));
  }

  async metrics(say: Say): Promise<Metrics | undefined> {
    return metricsOf(await engine().call('metrics', this.#of(say)), say);
  }

  async history(n: number, unfolded: number[], say: Say): Promise<History | undefined> {
    return historyOf(await engine().call('history', { ...this.#of(say), n, unfolded }), say);
  }

  async find(text: string, say: Say, sofar: (found: Event[]) => void): Promise<Event[]> {
    const asked = ++this.#searches;
    const found: Event[] = [];
    // A long run is searched stretch by stretch, and no further once another text is asked for.
    for (let from: number | null = 1; from !== null && found.length < FOUND && asked === this.#searches; ) {
      const part: Found = await engine().call('search', { ...this.#of(say), text, from });
      found.push(...part.events);
      from = part.next;
      if (part.events.length > 0 && asked === this.#searches) sofar(found.slice(0, FOUND));
    }
    return found.slice(0, FOUND);
  }

  async why(thing: ThingId | undefined, n: number, say: Say): Promise<Why | undefined> {
    const causes = await engine().call('why', { ...this.#of(say), thing: thing ?? '', n });
    return causes ? whyOf(causes, say) : undefined;
  }

  async cures(thing: ThingId, say: Say): Promise<Why['cures']> {
    const tried = await engine().call('cures', { session: this.#of(say).session, run: this.#here().id, thing });
    const says = say('cureHolds', { check: tried?.check ?? '' });
    return (tried?.changes ?? []).map((change) => ({ change, says, at: 0 }));
  }

  async inspect(thing: ThingId, n: number, say: Say): Promise<Facts | undefined> {
    const { run } = this.#here();
    const known = await engine().call('inspect', { ...this.#of(say), thing, n });
    return factsOf(thing, known, this.#picture(known.shown, run, say).scene, say);
  }

  async fork(at: number, change: Change, say: Say): Promise<Opened> {
    return this.#enter(await engine().call('fork', { ...this.#of(say), n: at, change }));
  }

  async openFork(id: string, say: Say): Promise<Opened> {
    return this.#enter({ id, at: 0, run: await engine().call('about', { ...this.#of(say), run: id }) });
  }

  async link(n: number, view = 'stage'): Promise<string> {
    if (this.#session === undefined) throw new Error('nothing is open');
    const link = await engine().call('link', { session: this.#session, run: this.#here().id });
    return `${location.href.split('#')[0]}${link}&at=${n}&view=${view}`;
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
