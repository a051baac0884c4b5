// The picture of the player that README.md shows: the moment at which an acknowledged record is
// gone. `cargo xtask picture` takes it anew.
import { act, launch, openRun, run, settle } from './browser.mjs';

const { context, close } = await launch();
try {
  const page = await openRun(context, 'kafka/acks-1-loses-an-acknowledged-record');
  const { checks } = await run(page);
  await act(page, { do: 'seek', to: checks.find((check) => check.is === 'breaks').at });
  await settle(page);
  await page.screenshot({ path: process.argv[2] });
} finally {
  await close();
}
