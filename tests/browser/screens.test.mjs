// The named screens of the player, on real runs, as people meet them: both sizes, both themes. Each
// is a picture in target/browser, and is held against what a reader needs (picture.mjs): nothing
// overlaps or is cut off, every token has a name, every text can be told from its ground.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { SIZES, act, launch, open, openRun, run, shoot, wear } from './browser.mjs';
import { faults } from './picture.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const HELLO = 'rabbitmq/hello';
const LOSES = 'kafka/acks-1-loses-an-acknowledged-record';
const TOPIC = 'kafka/test-topic';

/** The event of the first fault that the scenario plans. */
const fault = ({ flags }) => flags[0].n;
/** The first event at which a check breaks. */
const violation = ({ checks }) => checks.find((check) => check.is === 'breaks').at;
const middle = ({ total }) => Math.floor(total / 2);

const SCREENS = [
  { name: 'stage-rabbitmq', scenario: HELLO, at: middle, shows: '.node[data-thing="queue:hello"]' },
  { name: 'stage-kafka-fault', scenario: LOSES, at: fault, shows: '.node[data-thing="broker:kafka-1"]' },
  { name: 'stage-kafka-violation', scenario: LOSES, at: violation, shows: '.node[data-thing="broker:kafka-2"]' },
  { name: 'table', scenario: LOSES, at: violation, does: [{ do: 'table' }], shows: '.plate table' },
  { name: 'space-time-rabbitmq', scenario: HELLO, at: middle, does: [{ do: 'view', to: 'space-time' }], shows: '.event' },
  { name: 'space-time-kafka', scenario: LOSES, at: violation, does: [{ do: 'view', to: 'space-time' }], shows: '.event' },
  { name: 'code-pika', scenario: HELLO, at: middle, does: [{ do: 'view', to: 'code' }], shows: '.codecol' },
  { name: 'code-kafka-python', scenario: TOPIC, at: middle, does: [{ do: 'view', to: 'code' }], shows: '.codecol' },
  { name: 'metrics', scenario: LOSES, at: violation, does: [{ do: 'view', to: 'metrics' }], shows: '.plate svg' },
  { name: 'why', scenario: LOSES, at: violation, does: [{ do: 'why' }], shows: '.why, .sheet' },
  {
    name: 'inspect',
    scenario: LOSES,
    at: violation,
    does: [{ do: 'select', thing: 'broker:kafka-2' }, { do: 'panel', to: 'inspect' }],
    shows: '.side',
  },
  {
    name: 'faults',
    scenario: LOSES,
    at: middle,
    does: [{ do: 'select', thing: 'broker:kafka-1' }, { do: 'faults' }],
    shows: '[role=menu]',
  },
  {
    name: 'fork',
    scenario: LOSES,
    at: middle,
    does: [{ do: 'fork', at: 400, change: { is: 'fault', fault: 'cut', on: 'broker:kafka-1' } }],
    shows: '.scrub .frk',
  },
  { name: 'broker-down', scenario: LOSES, at: ({ flags }) => flags.at(-1).n - 20, shows: '.node.down, .node[data-thing="broker:kafka-2"]' },
  {
    name: 'cures',
    scenario: LOSES,
    at: violation,
    does: [{ do: 'seek', to: 0 }, { do: 'last' }, { do: 'select', thing: 'message:m30' }, { do: 'why' }],
    shows: '.why .cureb, .sheet',
  },
  { name: 'checks', scenario: LOSES, at: violation, does: [{ do: 'panel', to: 'checks' }], shows: '.verdicts' },
  { name: 'share', scenario: LOSES, at: violation, does: [{ do: 'share' }], shows: '[role=dialog]' },
  { name: 'help', scenario: HELLO, at: middle, does: [{ do: 'help' }], shows: '[role=dialog]' },
];

const THEMES = ['light', 'dark'];

for (const size of SIZES) {
  for (const { name, scenario, at, does = [], shows } of SCREENS) {
    test(`${name} on a ${size.size}`, async () => {
      const page = await openRun(browser.context, scenario, { size });
      await act(page, { do: 'seek', to: at(await run(page)) });
      for (const action of does) await act(page, action);
      await page.locator(`glass-player ${shows}`).filter({ visible: true }).first().waitFor();
      for (const theme of THEMES) {
        await wear(page, theme);
        await shoot(page, `${name}-${size.size}-${theme}`);
        assert.deepEqual(await page.evaluate(faults), [], theme);
      }
      assert.deepEqual(page.complaints, []);
      await page.close();
    });
  }

  test(`home on a ${size.size}`, async () => {
    const page = await open(browser.context, '');
    await page.setViewportSize({ width: size.width, height: size.height });
    const last = page.locator('glass-home .grid .card').last();
    // The pictures are frames of real runs, which come one after another.
    await last.locator('svg > *').first().waitFor({ state: 'attached' });
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      await shoot(page, `home-${size.size}-${theme}`);
    }
    const sideways = () => document.documentElement.scrollWidth > innerWidth;
    assert.equal(await page.evaluate(sideways), false);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });
}
