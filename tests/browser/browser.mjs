// What the browser tests share: Chromium, and a page whose complaints are kept.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
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

/** The two screens that every picture is looked at on. */
export const SIZES = [
  { size: 'desktop', width: 1440, height: 900 },
  { size: 'phone', width: 390, height: 844 },
];

/** Opens a scenario of the library in the player, at an event. */
export async function openRun(context, scenario, { event = 0, size = SIZES[0], theme = 'light' } = {}) {
  const page = await open(context, `?scenario=${scenario}&at=${event}`);
  await page.setViewportSize({ width: size.width, height: size.height });
  await wear(page, theme);
  await arrived(page, event);
  return page;
}

/** Has the player wear a theme, and draw itself in it. */
export async function wear(page, theme) {
  await page.locator('glass-player').evaluate(async (player, wanted) => {
    player.theme = wanted;
    await player.updateComplete;
  }, theme);
}

/** Waits until the player shows an event of a run that it has played to its end. */
export async function arrived(page, event) {
  await page.locator('glass-player .app[aria-busy=false]').first().waitFor();
  await page.locator(`glass-player [role=slider][aria-valuenow="${event}"]`).first().waitFor();
}

/** Has the player carry out an action, as a click or a key would, and draw what came of it. */
export async function act(page, action) {
  await page.locator('glass-player').evaluate(async (player, wanted) => {
    await player.act(wanted);
    await player.updateComplete;
  }, action);
}

/** What the player knows of the run that it shows: `Run` of scene.ts. */
export function run(page) {
  return page.locator('glass-player').evaluate((player) => player.state.run);
}

/** The names of all scenarios of the library, as `kafka/test-topic`. */
export function scenarios() {
  const library = new URL('../../scenarios/', import.meta.url);
  return readdirSync(library, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.json') && !path.endsWith('.schema.json'))
    .map((path) => path.slice(0, -5))
    .sort();
}

/** Waits until the page is drawn with its own fonts. */
export async function settle(page) {
  await page.evaluate(async () => {
    await Promise.all([...document.fonts].map((face) => face.load()));
    // The frame after the next one is drawn with them.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  });
}

/** A picture of the page, for people: target/browser/NAME.png. */
export async function shoot(page, name) {
  mkdirSync(shots, { recursive: true });
  await settle(page);
  await page.screenshot({ path: join(shots, `${name}.png`) });
}
