// A run is the same everywhere: the worker that ships, in Chromium, is held to the goldens of
// tests/parity.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { launch, openRun } from './browser.mjs';

/** So many of the library, spread over it; by night all of it. */
const SAMPLE = process.env.GLASSMQ_NIGHTLY ? Infinity : 12;

const { runs, engine } = JSON.parse(readFileSync(new URL('../parity/goldens.json', import.meta.url), 'utf8'));
const names = Object.keys(runs);
const sample = names.filter((_, at) => at % Math.max(1, Math.ceil(names.length / SAMPLE)) === 0);

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('Chromium tells the same runs', async () => {
  const page = await openRun(browser.context, sample[0]);
  const worker = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name).find((name) => /\/worker-[^/]*\.js$/.test(name)),
  );
  for (const name of sample) {
    const scenario = readFileSync(new URL(`../../scenarios/${name}.json`, import.meta.url), 'utf8');
    const { engine: made, answer, error } = await page.evaluate(
      ([url, text]) =>
        new Promise((resolve) => {
          const own = new Worker(url, { type: 'module' });
          // A link says how the run ends.
          let opened;
          own.onmessage = ({ data }) => {
            opened ??= data;
            if (data === opened && !data.error) own.postMessage({ id: 2, call: 'link', session: data.answer.session, run: 'run' });
            else {
              own.terminate();
              resolve({ engine: opened.answer?.engine, ...data });
            }
          };
          own.postMessage({ id: 1, call: 'open', scenario: text, name: '', language: 'en' });
        }),
      [worker, scenario],
    );
    assert.equal(error, undefined, name);
    assert.equal(made, engine);
    assert.match(answer, new RegExp(`;end=${runs[name].trace}$`), name);
  }
  await page.close();
});
