// The page's side of the protocol: calls that are answered later.

import type { CallName, Calls, Reply, Request } from './protocol';

/** What the engine needs of a worker, so that a test can stand in for it. */
export interface Port {
  postMessage(request: Request): void;
  addEventListener(type: 'message', listener: (event: { data: Reply }) => void): void;
  addEventListener(type: 'error', listener: (event: { message: string }) => void): void;
}

interface Waiting {
  answered(answer: unknown): void;
  failed(error: Error): void;
}

export class Engine {
  #port: Port;
  #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(port: Port) {
    this.#port = port;
    port.addEventListener('message', ({ data }) => this.#settle(data));
    port.addEventListener('error', ({ message }) => this.#failAll(message));
  }

  /** Asks the worker; a refusal is an error with one line for a person. */
  call<Name extends CallName>(
    call: Name,
    asks: Calls[Name]['asks'],
  ): Promise<Calls[Name]['answers']> {
    const id = ++this.#last;
    return new Promise((answered, failed) => {
      this.#waiting.set(id, { answered: answered as (answer: unknown) => void, failed });
      this.#port.postMessage({ id, call, ...asks } as Request);
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.failed(new Error(reply.error));
    else waiting?.answered(reply.answer);
  }

  /** A worker that broke answers nothing more. */
  #failAll(message: string): void {
    for (const { failed } of this.#waiting.values()) failed(new Error(message));
    this.#waiting.clear();
  }
}

let shared: Engine | undefined;

/** One worker for all players of a page. */
export function engine(): Engine {
  shared ??= new Engine(
    new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }) as unknown as Port,
  );
  return shared;
}
