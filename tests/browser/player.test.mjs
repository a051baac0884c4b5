// The player runs in the sandbox and in the book, on the module that ships.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { launch, open, shoot, site } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What the time line says: `event 1 of 100, ...`. */
async function at(page, event) {
  const slider = page.locator('glass-player').first().getByRole('slider');
  await slider.and(page.locator(`[aria-valuenow="${event}"]`)).waitFor();
}

const PLACES = [
  { where: 'the sandbox', path: '?scenario=rabbitmq/hello', shot: 'sandbox' },
  { where: 'a chapter', path: 'book/introduction.html', shot: 'chapter' },
  // mdBook puts all chapters on one page, one folder up for those that lie in a folder.
  { where: 'the page that prints the book', path: 'book/print.html' },
];

for (const { where, path, shot } of PLACES) {
  test(`a player in ${where} steps`, async () => {
    const page = await open(browser.context, path);
    // print.html asks the printer as soon as it is loaded; headless Chromium has none.
    await at(page, 0);
    if (shot) await shoot(page, shot);
    await page.locator('glass-player').first().getByRole('button', { name: 'Step forward' }).click();
    await at(page, 1);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });
}

test('the text is set in the faces that the player brings', async () => {
  const page = await open(browser.context, '?scenario=rabbitmq/hello');
  await at(page, 0);
  await page.evaluate(() => document.fonts.ready);
  const loaded = await page.evaluate(() =>
    [...document.fonts]
      .filter((face) => face.status === 'loaded')
      .map((face) => face.family.replaceAll('"', ''))
      .sort(),
  );
  assert.deepEqual(loaded, ['Atkinson Hyperlegible Mono', 'Atkinson Hyperlegible Next']);
  await page.close();
});

test('a scenario that is not there is said in the player', async () => {
  const page = await open(browser.context, '?scenario=rabbitmq/hello');
  await at(page, 0);
  await page.locator('glass-player').evaluate((player) => player.setAttribute('scenario', 'no/such'));
  const alert = page.locator('glass-player').getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.textContent(), /no scenario no\/such: 404 Not Found/);
  await page.close();
});

test('the page names the licence of everything it ships', async () => {
  const page = await open(browser.context, '?scenario=rabbitmq/hello');
  await at(page, 0);
  await page.locator('glass-player').getByRole('button', { name: 'Help' }).click();
  const link = page.getByRole('link', { name: 'Licences' });
  const licences = await (await fetch(new URL(await link.getAttribute('href'), site))).text();
  const player = JSON.parse(readFileSync(new URL('../../web/ui/package.json', import.meta.url), 'utf8'));
  for (const name of [...Object.keys(player.dependencies), 'serde', 'wasm-bindgen']) {
    assert.match(licences, new RegExp(`^## ${name} - \\S+ \\(.+\\)$`, 'm'));
  }
  await page.close();
});
