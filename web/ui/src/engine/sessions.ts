// The worker's side of the protocol: the sessions of one page, in the wasm module.

import { Run, engineVersion } from '../../pkg/glassmq.js';
import type { Calls, Opened, Reply, Request } from './protocol';

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
        return this.#opened(request.scenario);
      case 'frame':
        return JSON.parse(this.#find(request.session).frame(request.n));
      case 'events':
        return JSON.parse(this.#find(request.session).events(request.from, request.to));
      case 'close':
        this.#find(request.session).free();
        this.#open.delete(request.session);
        return null;
    }
  }

  #opened(scenario: string): Opened {
    const made = new Run(scenario);
    const session = ++this.#last;
    this.#open.set(session, made);
    return { session, engine: engineVersion(), digest: made.digest(), run: JSON.parse(made.about()) };
  }

  #find(session: number): Run {
    const found = this.#open.get(session);
    if (!found) throw new Error(`no session ${session}: it was closed`);
    return found;
  }
}
