// The worker's side of the protocol: the sessions of one page, in the wasm module.

import { Session, engineVersion } from '../../pkg/glassmq.js';
import type { Opened, Reply, Request, View } from './protocol';

export class Sessions {
  #open = new Map<number, Session>();
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

  #answer(request: Request): Opened | View | null {
    switch (request.call) {
      case 'open':
        return this.#opened(request.scenario);
      case 'step': {
        const session = this.#find(request.session);
        session.step();
        return view(session);
      }
      case 'close':
        this.#find(request.session).free();
        this.#open.delete(request.session);
        return null;
    }
  }

  #opened(scenario: string): Opened {
    const made = new Session(scenario);
    const session = ++this.#last;
    this.#open.set(session, made);
    return { session, engine: engineVersion(), view: view(made) };
  }

  #find(session: number): Session {
    const found = this.#open.get(session);
    if (!found) throw new Error(`no session ${session}: it was closed`);
    return found;
  }
}

function view(session: Session): View {
  return { step: session.at, digest: session.digest() };
}
