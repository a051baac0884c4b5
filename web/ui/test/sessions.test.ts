import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { sceneOf } from '../src/engine/frame';
import { BASE, type Opened, type Shown } from '../src/engine/protocol';
import { Sessions } from '../src/engine/sessions';
import { sayer } from '../src/text/strings';
import { loadModule } from './module';

beforeAll(loadModule);

const hello = readFileSync('../../scenarios/rabbitmq/hello.json', 'utf8');

let sessions: Sessions;
beforeEach(() => {
  sessions = new Sessions();
});

function open(scenario = hello): Opened {
  const reply = sessions.reply({ id: 1, call: 'open', scenario, name: 'rabbitmq/hello', language: 'en' });
  if ('error' in reply) throw new Error(reply.error);
  return reply.answer as Opened;
}

function frame(session: number, n: number): Shown {
  const reply = sessions.reply({ id: 2, call: 'shown', session, run: BASE, language: 'en', n });
  if ('error' in reply) throw new Error(reply.error);
  return reply.answer as Shown;
}

test('a scenario is run to its end, and says which engine ran it', () => {
  const opened = open();
  expect(opened.engine).toMatch(/^\d+\.\d+\.\d+$/);
  expect(opened.run.total).toBeGreaterThan(10);
  expect(opened.run.topology.queues.map((queue) => queue.name)).toEqual(['hello']);
});

test('the message is ready, then unacknowledged, then gone', () => {
  const { session, run } = open();
  const states: string[] = [];
  for (let n = 0; n <= run.total; n++) {
    const state = sceneOf(frame(session, n).frame, run.topology, sayer('en')).queues[0]!.tokens[0]?.state ?? 'none';
    if (states.at(-1) !== state) states.push(state);
  }
  expect(states).toEqual(['none', 'ready', 'unacked', 'none']);
});

test('going back shows what was shown', () => {
  const { session, run } = open();
  const middle = Math.floor(run.total / 2);
  const before = frame(session, middle);
  frame(session, run.total);
  expect(frame(session, middle)).toEqual(before);
});

test('a scenario that is wrong is refused in one line a problem', () => {
  expect(() => open('{"title": {"en": "x"}}')).toThrow(/1:1/);
});

test('a session that was closed answers no more', () => {
  const { session } = open();
  sessions.reply({ id: 3, call: 'close', session });
  expect(sessions.reply({ id: 4, call: 'shown', session, run: BASE, language: 'en', n: 0 })).toEqual({
    id: 4,
    error: `no session ${session}: it was closed`,
  });
});
