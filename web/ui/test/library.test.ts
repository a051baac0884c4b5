import { expect, test } from 'vitest';

import { filtered } from '../src/panels/home';
import { library, opening, walkthrough } from '../src/player/library';
import { keep, kept, progress } from '../src/player/progress';

test('every scenario that ships is in the library, in each language', () => {
  const names = library('en').map(({ scenario }) => scenario);
  expect(names).toContain('rabbitmq/hello');
  expect(names).toContain('kafka/acks-1-loses-an-acknowledged-record');
  expect(names[0]).toBe('rabbitmq/hello');
  for (const one of [...library('en'), ...library('zh')]) {
    expect(one.title).not.toBe('');
    expect(one.about).not.toBe('');
  }
});

test('what a card says of a scenario is read from its file', () => {
  const file = {
    title: { en: 'A title', zh: '标题' },
    about: 'One. Two.',
    world: { kafka: { brokers: 3 } },
    clients: [{ is: 'program' }, { is: 'kafka.consumer', group: 'g' }],
    faults: [{}],
    catalogue: { id: 'K02', shows: 'anomaly' as const },
  };
  expect(walkthrough('kafka/x', file, 'zh')).toEqual({
    scenario: 'kafka/x',
    family: 'kafka',
    title: '标题',
    about: 'One. Two.',
    level: 2,
    topics: ['topicPrograms', 'topicReplication', 'topicGroups', 'topicFaults'],
    state: 'breaks',
  });
});

test('a card says whole sentences, as many as it has room for', () => {
  const long = 'The producer puts a record into its own buffer and returns to its caller at once.';
  expect(opening(`${long} More.`)).toBe(long);
  expect(opening('Two programs. One publishes, acks=1.5 or not. Done.')).toBe('Two programs. One publishes, acks=1.5 or not. Done.');
  expect(opening('两个程序。一个发布消息。')).toBe('两个程序。一个发布消息。');
});

test('filters leave what fits all of them', () => {
  const all = library('en');
  const names = (by: Parameters<typeof filtered>[1]) => filtered(all, by).map(({ scenario }) => scenario);
  expect(names({ text: '' })).toHaveLength(all.length);
  expect(names({ text: '', family: 'rabbitmq' }).every((name) => name.startsWith('rabbitmq/'))).toBe(true);
  expect(names({ text: 'ACKS=1 loses' })).toEqual(['kafka/acks-1-loses-an-acknowledged-record']);
  expect(names({ text: 'no such thing' })).toEqual([]);
});

test('progress is kept, and a browser that keeps nothing does no harm', () => {
  const held = new Map<string, string>();
  const store = { getItem: (key: string) => held.get(key) ?? null, setItem: (key: string, value: string) => void held.set(key, value) };
  keep({ last: 'rabbitmq/hello', at: { 'rabbitmq/hello': [14, 25] } }, store);
  keep({ theme: 'dark', at: { 'kafka/x': [9, 9] } }, store);
  const mine = kept(store);
  expect(mine).toMatchObject({ last: 'rabbitmq/hello', theme: 'dark' });
  expect([progress(mine, 'rabbitmq/hello'), progress(mine, 'kafka/x'), progress(mine, 'other')]).toEqual(['14/25', 'done', undefined]);
  const refusing = { getItem: () => 'not JSON', setItem: () => { throw new Error('full'); } };
  keep({ theme: 'light' }, refusing);
  expect(kept(refusing)).toEqual({ at: {} });
});
