// The worker's side of the protocol: the sessions of one page, in the wasm module.

import { Run, engineVersion, scenarioOfLink } from '../../pkg/glassmq.js';
import type { Language } from '../text/strings';
import { BASE, type Calls, type Opened, type Progress, type Reply, type Request } from './protocol';

/** For so long a run is played before it is first shown, and between two requests, in ms. */
const FIRST = 120;
const SLICE = 25;
/** Events that are played between two looks at the clock. */
const EVENTS = 200;

/** Plays a run on for a while. False at its end. */
function playOn(run: Run, id: string, ms: number): boolean {
  const end = performance.now() + ms;
  let goesOn = run.playOn(id, EVENTS);
  while (goesOn && performance.now() < end) goesOn = run.playOn(id, EVENTS);
  return goesOn;
}

export class Sessions {
  #open = new Map<number, Run>();
  #last = 0;

  /** Carries out a request. An error becomes a reply: nobody listens to a worker's exceptions. */
  reply(request: Request): Reply {
    const { id } = request;
    try {
      return { id, answer: this.#answer(request) };
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) };
    }
  }

  #answer(request: Request): Calls[Request['call']]['answers'] {
    switch (request.call) {
      case 'open':
        return this.#opened(new Run(request.scenario, request.name), request.language);
      case 'scenario':
        return scenarioOfLink(request.link);
      case 'follow':
        return this.#opened(Run.ofLink(request.link, request.scenario), request.language);
      case 'about':
        return JSON.parse(this.#find(request.session).about(request.run, request.language));
      case 'shown':
        return JSON.parse(this.#find(request.session).shown(request.run, request.n, request.language));
      case 'moment':
        return JSON.parse(this.#find(request.session).moment(request.run, request.n, request.before, request.after, request.language));
      case 'on':
        return this.#wentOn(this.#find(request.session), request);
      case 'until':
        return this.#find(request.session).last_until(request.run, request.at);
      case 'history': {
        const unfolded = Uint32Array.from(request.unfolded);
        return JSON.parse(this.#find(request.session).history(request.run, request.n, unfolded, request.language));
      }
      case 'search':
        return JSON.parse(this.#find(request.session).search(request.run, request.text, request.from, request.language));
      case 'why':
        return JSON.parse(this.#find(request.session).why(request.run, request.thing, request.n, request.language));
      case 'cures':
        return JSON.parse(this.#find(request.session).cures(request.run, request.thing));
      case 'inspect':
        return JSON.parse(this.#find(request.session).inspect(request.run, request.thing, request.n, request.language));
      case 'metrics':
        return JSON.parse(this.#find(request.session).metrics(request.run));
      case 'link':
        return this.#find(request.session).link(request.run);
      case 'fork': {
        const run = this.#find(request.session);
        const id = run.fork(request.run, request.n, JSON.stringify(request.change));
        playOn(run, id, FIRST);
        return { id, at: run.left(id), run: JSON.parse(run.about(id, request.language)) };
      }
      case 'close':
        this.#find(request.session).free();
        this.#open.delete(request.session);
        return null;
    }
  }

  #opened(made: Run, language: Language): Opened {
    const session = ++this.#last;
    this.#open.set(session, made);
    playOn(made, BASE, FIRST);
    return { session, engine: engineVersion(), run: JSON.parse(made.about(BASE, language)), notices: JSON.parse(made.notices()) };
  }

  /** The run is told of anew at its end, and whenever there is twice as much of it. */
  #wentOn(made: Run, { run, known, language }: Calls['on']['asks']): Progress {
    const goesOn = playOn(made, run, SLICE);
    const total = made.total(run);
    const told = !goesOn || total >= 2 * known;
    return { played: made.played(run), total, run: told ? JSON.parse(made.about(run, language)) : null, notices: goesOn ? [] : JSON.parse(made.notices()) };
  }

  #find(session: number): Run {
    const found = this.#open.get(session);
    if (!found) throw new Error(`no session ${session}: it was closed`);
    return found;
  }
}
