import { expect, test } from 'vitest';

import { Engine, type Port } from '../src/engine/engine';
import type { Reply, Request } from '../src/engine/protocol';

/** A worker that answers when the test says so. */
class Scripted implements Port {
  asked: Request[] = [];
  #message = (_: { data: Reply }) => {};
  #error = (_: { message: string }) => {};

  postMessage(request: Request): void {
    this.asked.push(request);
  }
  addEventListener(type: string, listener: never): void {
    if (type === 'message') this.#message = listener;
    else this.#error = listener;
  }
  answer(reply: Reply): void {
    this.#message({ data: reply });
  }
  break(message: string): void {
    this.#error({ message });
  }
}

function started() {
  const port = new Scripted();
  return { port, engine: new Engine(port) };
}

test('an answer finds its call, in whatever order answers come', async () => {
  const { port, engine } = started();
  const first = engine.call('until', { session: 1, run: 'run', at: 0 });
  const second = engine.call('until', { session: 2, run: 'run', at: 0 });
  const [one, two] = port.asked;
  port.answer({ id: two!.id, answer: [{ n: 2, at: 0, says: 'b' }] });
  port.answer({ id: one!.id, answer: [{ n: 1, at: 0, says: 'a' }] });
  expect(await first).toEqual([{ n: 1, at: 0, says: 'a' }]);
  expect(await second).toEqual([{ n: 2, at: 0, says: 'b' }]);
});

test('a refusal is an error with its line', async () => {
  const { port, engine } = started();
  const call = engine.call('open', { scenario: '{', name: '', language: 'en' });
  port.answer({ id: port.asked[0]!.id, error: 'line 1: not JSON' });
  await expect(call).rejects.toThrow('line 1: not JSON');
});

test('a worker that broke leaves no call waiting', async () => {
  const { port, engine } = started();
  const calls = [engine.call('until', { session: 1, run: 'run', at: 0 }), engine.call('close', { session: 1 })];
  port.break('out of memory');
  for (const call of calls) await expect(call).rejects.toThrow('out of memory');
});
