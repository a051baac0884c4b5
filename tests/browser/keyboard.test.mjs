// By keyboard alone, on a real run: a broker is found and cut off, the cut is taken back, the run is
// forked, and what is shared opens as it was.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { arrived, launch, openRun, site } from './browser.mjs';

const EVENT = 300;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const state = (page) => page.locator('glass-player').evaluate(({ state: { id, at, run } }) => ({ id, at, total: run.total, flags: run.flags }));
const focused = (page) =>
  page.evaluate(() => document.querySelector('glass-player').shadowRoot.activeElement?.getAttribute('data-thing'));
/** Waits until another run than this one is shown. */
const left = (page, id) => page.waitForFunction((was) => document.querySelector('glass-player').state.id !== was, id);

/** Tab to the stage, arrows to the thing on it. */
async function goTo(page, thing) {
  for (let i = 0; i < 40 && !(await focused(page)); i++) await page.keyboard.press('Tab');
  for (let i = 0; i < 10 && (await focused(page)) !== thing; i++) await page.keyboard.press('ArrowDown');
  assert.equal(await focused(page), thing);
}

test('a broker is cut off, and the cut is taken back', async () => {
  const page = await openRun(browser.context, 'kafka/acks-1-loses-an-acknowledged-record', { event: EVENT });
  const before = await state(page);
  await goTo(page, 'broker:kafka-2');
  await page.keyboard.press('x');
  await page.getByRole('menuitem', { name: 'Cut from the others' }).waitFor();
  const chosen = () => page.evaluate(() => document.querySelector('glass-player').shadowRoot.activeElement?.textContent.trim());
  for (let i = 0; i < 12 && (await chosen()) !== 'Cut from the others'; i++) await page.keyboard.press('ArrowDown');
  assert.equal(await chosen(), 'Cut from the others');
  await page.keyboard.press('Enter');
  await left(page, before.id);
  const cut = await state(page);
  assert.ok(cut.flags.length > before.flags.length, 'the fault has a flag');
  await page.keyboard.press('u');
  await left(page, cut.id);
  assert.deepEqual(await state(page), before);
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test('a fork is made, and what is shared opens as it was', async () => {
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(site).origin });
  const page = await openRun(browser.context, 'kafka/acks-1-loses-an-acknowledged-record', { event: EVENT });
  const before = await state(page);
  await page.keyboard.press('f');
  await left(page, before.id);
  await page.keyboard.press('u');
  await page.waitForFunction((id) => document.querySelector('glass-player').state.id === id, before.id);
  await page.keyboard.press('c');
  await page.locator('glass-player [aria-live]').filter({ hasText: 'Link copied' }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#g1;engine=/);
  const said = await page.locator('glass-player .story li.now').textContent();
  assert.deepEqual(page.complaints, []);
  await page.close();

  const shared = await browser.context.newPage();
  await shared.goto(link);
  await arrived(shared, EVENT);
  assert.equal(await shared.locator('glass-player .story li.now').textContent(), said);
  await shared.close();
});
