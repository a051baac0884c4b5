// The pictures of the player, from fixtures: each is shot in both themes and on both sizes, and
// each is held against what a reader needs: nothing overlaps, nothing is cut off, every token has
// a name, no text is small, every text can be told from its ground.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { faults } from './picture.mjs';
import { launch, open, shoot } from './browser.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const SIZES = [
  { size: 'desktop', width: 1440, height: 900 },
  { size: 'phone', width: 390, height: 844 },
];

const FRAMES = [
  { name: 'rabbitmq', query: 'frame=rabbitmq' },
  { name: 'rabbitmq-zh', query: 'frame=rabbitmq&lang=zh' },
  { name: 'kafka', query: 'frame=kafka&why' },
  { name: 'space-time', query: 'frame=kafka&view=space-time' },
  { name: 'code-pika', query: 'frame=pika&view=code' },
  { name: 'code-kafka-python', query: 'frame=kafka-python&view=code' },
];

for (const theme of ['light', 'dark']) {
  for (const { size, width, height } of SIZES) {
    for (const { name, query } of FRAMES) {
      test(`${name} on a ${size}, ${theme}`, async () => {
        const page = await open(browser.context, `gallery.html?${query}&theme=${theme}`);
        await page.setViewportSize({ width, height });
        await page.locator('body[data-ready]').waitFor();
        await shoot(page, `${name}-${size}-${theme}`);
        assert.deepEqual(await page.evaluate(faults), []);
        assert.deepEqual(page.complaints, []);
        await page.close();
      });
    }
  }
  test(`every glyph, and the home page, ${theme}`, async () => {
    for (const name of ['glyphs', 'home']) {
      const page = await open(browser.context, `gallery.html?frame=${name}&theme=${theme}`);
      await page.setViewportSize({ width: 1440, height: 1200 });
      await page.locator('body[data-ready]').waitFor();
      await shoot(page, `${name}-${theme}`);
      assert.deepEqual(page.complaints, []);
      await page.close();
    }
  });
}

for (const { width, height } of [
  { width: 768, height: 1024 },
  { width: 1024, height: 768 },
  { width: 1920, height: 1080 },
]) {
  test(`the stages are laid out anew at ${width} x ${height}`, async () => {
    for (const frame of ['rabbitmq', 'kafka']) {
      const page = await open(browser.context, `gallery.html?frame=${frame}`);
      await page.setViewportSize({ width, height });
      await page.locator('body[data-ready]').waitFor();
      await shoot(page, `${frame}-${width}`);
      assert.deepEqual(await page.evaluate(faults), []);
      await page.close();
    }
  });
}

test('all that moves, moves by itself never, and with reduced motion not at all', async () => {
  const page = await open(browser.context, 'gallery.html?frame=rabbitmq');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.locator('body[data-ready]').waitFor();
  const running = () => page.evaluate(() => document.querySelector('glass-player').shadowRoot.getAnimations().length);
  assert.equal(await running(), 0);
  const at = (n) => page.locator(`glass-player [role=slider][aria-valuenow="${n}"]`).waitFor();
  await page.keyboard.press('ArrowLeft');
  await at(141);
  await page.keyboard.press('ArrowRight');
  await at(142);
  assert.equal(await running(), 0);
  await page.close();
});

test('a step forward moves what moved, once; a jump moves nothing', async () => {
  const page = await open(browser.context, 'gallery.html?frame=rabbitmq');
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.locator('body[data-ready]').waitFor();
  const moving = () =>
    page.evaluate(() => {
      const root = document.querySelector('glass-player').shadowRoot;
      return root.getAnimations().flatMap((one) => one.effect.target.getAttribute('data-thing') ?? []);
    });
  const act = (action) => page.evaluate((a) => document.querySelector('glass-player').act(a), action);
  await act({ do: 'seek', to: 141 });
  assert.deepEqual(await moving(), []);
  await page.evaluate(() => document.querySelector('glass-player').updateComplete);
  await act({ do: 'step', by: 1 });
  await page.evaluate(() => document.querySelector('glass-player').updateComplete);
  assert.deepEqual(await moving(), ['message:m18']);
  await page.waitForTimeout(400);
  assert.deepEqual(await moving(), []);
  await page.close();
});

test('a phone shows the story on demand, and all tapes of a cluster', async () => {
  const page = await open(browser.context, 'gallery.html?frame=kafka');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('body[data-ready]').waitFor();
  await page.getByRole('button', { name: 'Story' }).click();
  await page.getByRole('tab', { name: 'Story' }).waitFor();
  await shoot(page, 'kafka-phone-story');
  await page.getByRole('button', { name: 'Story' }).click();
  await page.getByRole('tab', { name: 'Story' }).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'all 9 tapes' }).click();
  await page.getByRole('button', { name: '1 of 3 partitions' }).waitFor();
  await shoot(page, 'kafka-phone-all-tapes');
  await page.getByRole('button', { name: '1 of 3 partitions' }).click();
  await page.getByRole('button', { name: 'all 9 tapes' }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.close();
});

test('by keyboard alone: a node is found, a fault is done to it, and the run is shared', async () => {
  const page = await open(browser.context, 'gallery.html?frame=kafka');
  await page.locator('body[data-ready]').waitFor();
  const focused = () =>
    page.evaluate(() => document.querySelector('glass-player').shadowRoot.activeElement?.getAttribute('data-thing'));
  // The stage is one stop; arrows move in it.
  for (let i = 0; i < 30 && !(await focused()); i++) await page.keyboard.press('Tab');
  assert.equal(await focused(), 'broker:kafka-1');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'broker:kafka-2');
  await page.keyboard.press('x');
  await page.getByRole('menuitem', { name: 'Crash (process)' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  const said = page.locator('glass-player').locator('[aria-live]');
  await said.filter({ hasText: /Link copied|#g1/ }).waitFor();
  await page.close();
});
