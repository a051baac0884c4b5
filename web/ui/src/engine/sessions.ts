// The worker's side of the protocol: the sessions of one page, in the wasm module.

import { Run, engineVersion, scenarioOfLink } from '../../pkg/glassmq.js';
import type { Language } from '../text/strings';
import { BASE, type Calls, type Opened, type Reply, type Request } from './protocol';

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
      case 'events':
        return JSON.parse(this.#find(request.session).events(request.run, request.from, request.to, request.language));
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
      case 'inspect':
        return JSON.parse(this.#find(request.session).inspect(request.run, request.thing, request.n, request.language));
      case 'metrics':
        return JSON.parse(this.#find(request.session).metrics(request.run));
      case 'link':
        return this.#find(request.session).link(request.run);
      case 'fork': {
        const run = this.#find(request.session);
        const id = run.fork(request.run, request.n, JSON.stringify(request.change));
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
    return { session, engine: engineVersion(), digest: made.digest(), run: JSON.parse(made.about(BASE, language)), notices: JSON.parse(made.notices()) };
  }

  #find(session: number): Run {
    const found = this.#open.get(session);
    if (!found) throw new Error(`no session ${session}: it was closed`);
    return found;
  }
}
