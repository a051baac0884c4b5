import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, expect, test } from 'vitest';

import { initSync } from '../pkg/glassmq.js';
import type { Opened } from '../src/engine/protocol';
import { Sessions } from '../src/engine/sessions';

// vitest runs in web/ui.
beforeAll(() => void initSync({ module: readFileSync('pkg/glassmq_bg.wasm') }));

let sessions: Sessions;
beforeEach(() => {
  sessions = new Sessions();
});

function open(scenario = '{}'): Opened {
  const reply = sessions.reply({ id: 1, call: 'open', scenario });
  if ('error' in reply) throw new Error(reply.error);
  return reply.answer as Opened;
}

test('a session opens before its first step and says which engine it is', () => {
  const opened = open();
  expect(opened.view.step).toBe(0);
  expect(opened.engine).toMatch(/^\d+\.\d+\.\d+$/);
});

test('sessions do not disturb each other', () => {
  const [one, two] = [open(), open()];
  expect(sessions.reply({ id: 2, call: 'step', session: one.session })).toMatchObject({
    id: 2,
    answer: { step: 1 },
  });
  expect(sessions.reply({ id: 3, call: 'step', session: two.session })).toMatchObject({
    answer: { step: 1 },
  });
});

test('another scenario is another state', () => {
  expect(open('{"seed":1}').view.digest).not.toBe(open('{"seed":2}').view.digest);
});

test('a closed session answers with one line', () => {
  const { session } = open();
  expect(sessions.reply({ id: 2, call: 'close', session })).toEqual({ id: 2, answer: null });
  expect(sessions.reply({ id: 3, call: 'step', session })).toEqual({
    id: 3,
    error: `no session ${session}: it was closed`,
  });
});
