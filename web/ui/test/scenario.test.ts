import { afterEach, expect, test, vi } from 'vitest';

import { linkIn, loadScenario, scenarioUrl, setHome } from '../src/player/scenario';

afterEach(() => vi.unstubAllGlobals());

test('scenarios lie beside the module, whatever the page', () => {
  setHome('http://host/book/player/glass-player.js?v=a/b');
  expect(scenarioUrl('rabbitmq/hello')).toBe(
    'http://host/book/player/scenarios/rabbitmq/hello.json',
  );
});

test.each(['../secret', '/etc', 'a//b', 'Hello', 'a.json', ''])('%s names no scenario', (name) => {
  expect(() => scenarioUrl(name)).toThrow('not the name of a scenario');
});

test('a scenario that is not there is one line', async () => {
  setHome('http://host/');
  vi.stubGlobal('fetch', async () => new Response('', { status: 404, statusText: 'Not Found' }));
  await expect(loadScenario('rabbitmq/hello')).rejects.toThrow(
    'no scenario rabbitmq/hello: 404 Not Found',
  );
});

test('of an address only a link to a run is one', () => {
  expect(linkIn('#g1;engine=0.1')).toBe('#g1;engine=0.1');
  expect(['', '#top', '#graph'].map(linkIn)).toEqual([undefined, undefined, undefined]);
});
