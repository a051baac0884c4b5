// What the browser tests share: Chromium, and a page whose complaints are kept.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The packages belong to the player: a module here would not find them.
const { chromium } = createRequire(new URL('../../web/ui/package.json', import.meta.url))('playwright-core');

/** Where the site is served, with a slash at the end. */
export const site = setting('GLASSMQ_URL');
const shots = setting('GLASSMQ_SHOTS');

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test\``);
  return value;
}

// Nothing here asks the network or the graphics card. Chromium refuses its sandbox to root.
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** Starts Chromium with an empty profile; `close()` ends it and removes the profile. */
export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), 'glassmq-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: setting('GLASSMQ_CHROMIUM'),
    headless: true,
    args: FLAGS,
    viewport: { width: 1440, height: 900 },
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/** Opens a page of the site. `page.complaints` gathers errors of any kind: scripts, console, HTTP. */
export async function open(context, path) {
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (line) => line.type() === 'error' && page.complaints.push(line.text()));
  page.on('response', (answer) => {
    if (answer.status() >= 400) page.complaints.push(`${answer.status()} ${answer.url()}`);
  });
  await page.goto(new URL(path, site).href);
  return page;
}

/** A picture of the page, for people: target/browser/NAME.png. */
export async function shoot(page, name) {
  mkdirSync(shots, { recursive: true });
  await page.evaluate(async () => {
    await Promise.all([...document.fonts].map((face) => face.load()));
    // The frame after the next one is drawn with them.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}
