// What a reader hears who sees no picture, in ten steps by keyboard: what the live region says at
// each, and the names of what is on the stage, told again where they changed. The transcripts are
// goldens in spoken/; `BLESS=1 cargo xtask test` writes them anew: read them aloud.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { act, arrived, launch, openRun, run } from './browser.mjs';

const STEPS = 10;

const RUNS = [
  { golden: 'rabbitmq-hello', scenario: 'rabbitmq/hello', from: ({ interesting }) => interesting[0] - 1 },
  {
    golden: 'kafka-acks-1',
    scenario: 'kafka/acks-1-loses-an-acknowledged-record',
    from: ({ flags }) => flags[0].n - 2,
  },
];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What is said of itself by the step: not quietly, and without being asked. */
function said(page) {
  return page.locator('glass-player [aria-live]').first().textContent();
}

/** The name of every thing on the stage, in the order that a screen reader comes to them. */
function names(page) {
  return page.evaluate(() => {
    const stage = document.querySelector('glass-player').shadowRoot.querySelector('svg.stage');
    return [stage, ...stage.querySelectorAll('[aria-label]')]
      .filter((element) => !element.closest('[aria-hidden=true]'))
      .map((element) => element.getAttribute('aria-label'));
  });
}

for (const { golden, scenario, from } of RUNS) {
  test(`${scenario} as it is spoken`, async () => {
    const page = await openRun(browser.context, scenario);
    const start = from(await run(page));
    await act(page, { do: 'seek', to: start });
    const lines = [];
    let known = [];
    const tell = async () => {
      lines.push((await said(page)).trim().replace(/\s+/g, ' '));
      const now = await names(page);
      // The stage names its event at every step; the things that it shows are told when they differ.
      for (const name of now.filter((name) => !known.includes(name))) lines.push(`  ${name}`);
      known = now;
    };
    await tell();
    for (let step = 1; step <= STEPS; step++) {
      await page.keyboard.press('ArrowRight');
      await arrived(page, start + step);
      await tell();
    }
    const transcript = `${lines.join('\n')}\n`;
    const file = new URL(`spoken/${golden}.txt`, import.meta.url);
    if (process.env.BLESS) {
      mkdirSync(new URL('.', file), { recursive: true });
      writeFileSync(file, transcript);
    }
    assert.equal(transcript, readFileSync(file, 'utf8'));
    await page.close();
  });
}
