// Every scenario of the library opens in the player, runs to its end, and shows at each event the
// same, however one comes there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { act, arrived, launch, openRun, run, scenarios } from './browser.mjs';

/** Events of each run that are come to from all sides. */
const PLACES = 4;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** All that a reader or a screen reader finds: every element that is drawn. */
function drawn(page) {
  return page.evaluate(() => {
    const player = document.querySelector('glass-player');
    const copy = player.shadowRoot.querySelector('.app').cloneNode(true);
    // Where a list is scrolled to and which node Tab reaches depend on the way, not on the event.
    for (const element of copy.querySelectorAll('[tabindex]')) element.removeAttribute('tabindex');
    return copy.outerHTML.replace(/<!--[^>]*-->/g, '');
  });
}

for (const name of scenarios()) {
  test(`${name} opens and runs to its end`, async () => {
    const page = await openRun(browser.context, name);
    const { title, total } = await run(page);
    assert.ok(title.length > 0);
    assert.ok(total > 0);
    await page.keyboard.press('End');
    await arrived(page, total);
    assert.equal(await page.locator('glass-player').getByRole('alert').count(), 0);
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  test(`${name} shows the same, stepped, taken back and sought`, async () => {
    const page = await openRun(browser.context, name);
    const { total } = await run(page);
    for (let place = 1; place <= PLACES; place++) {
      const event = Math.floor((total * place) / (PLACES + 1));
      await act(page, { do: 'seek', to: event });
      const sought = await drawn(page);
      await act(page, { do: 'step', by: 1 });
      assert.notEqual(await drawn(page), sought, `event ${event + 1} is another than ${event}`);
      await act(page, { do: 'step', by: -1 });
      assert.equal(await drawn(page), sought, `event ${event}, taken back`);
      await act(page, { do: 'seek', to: event - 1 });
      await act(page, { do: 'step', by: 1 });
      assert.equal(await drawn(page), sought, `event ${event}, stepped to`);
      await act(page, { do: 'last' });
      await act(page, { do: 'seek', to: event });
      assert.equal(await drawn(page), sought, `event ${event}, sought from the end`);
    }
    assert.deepEqual(page.complaints, []);
    await page.close();
  });
}
