// How fast the player answers in Chromium, beside its budgets. It prints a table and fails on no
// time: a busy machine is not a slow player. How busy it is is said, and the best of all times. `cargo xtask bench [EVENTS...]` runs it.
import { cpus, loadavg } from 'node:os';

import { act, launch, open, run } from './browser.mjs';

/** How many events the generated runs have, about. */
const EVENTS = process.argv.slice(2).map(Number);
/** Moves of each kind that are timed. */
const MOVES = 40;
/** Frames that are timed. */
const FRAMES = 120;
/** Messages on their way at once, while frames are timed. */
const IN_FLIGHT = 2000;

/** Places that are looked at to find the most messages in flight. */
const PLACES = 24;

/** What a message of the generated run comes to, in events of the player. */
const EVENTS_EACH = 14;

/** A run of about so many events: one queue, one publisher, one consumer, no faults. */
function long(events) {
  const count = Math.ceil(events / EVENTS_EACH);
  return scenario({ count, every: '5ms', latency: '1ms..3ms', until: count * 5 + 5000 });
}

/** A run whose publisher is far away: what it sends in two seconds is on its way. */
function crowded() {
  return scenario({ count: IN_FLIGHT * 3, every: '1ms', latency: '2s', until: 40_000 });
}

function scenario({ count, every, latency, until }) {
  return JSON.stringify({
    title: { en: 'A generated run', zh: '生成的运行' },
    about: { en: 'Long, and quiet.', zh: '很长，很平静。' },
    seed: 1,
    until: `${until}ms`,
    world: {
      rabbitmq: { nodes: 1, definitions: { queues: [{ name: 'jobs', vhost: '/', durable: true, auto_delete: false, arguments: {} }] } },
      network: { latency },
    },
    clients: [
      { name: 'shop', is: 'rabbitmq.publisher', routing_key: 'jobs', send: { every, count } },
      { name: 'worker', is: 'rabbitmq.consumer', queue: 'jobs' },
    ],
  });
}

/** Opens a generated scenario under a name that the library does not have. */
async function generated(context, text) {
  const page = await context.newPage();
  await page.route('**/scenarios/bench/generated.json', (route) => route.fulfill({ contentType: 'application/json', body: text }));
  await page.goto(new URL('?scenario=bench/generated', process.env.GLASSMQ_URL).href);
  const player = page.locator('glass-player');
  const ready = player.getByRole('slider').first().waitFor({ timeout: 600_000 });
  const refused = player.getByRole('alert').waitFor({ timeout: 600_000 });
  await Promise.race([ready, refused.then(async () => { throw new Error(await player.getByRole('alert').textContent()); })]);
  refused.catch(() => undefined);
  return page;
}

/** Waits until a run was played to its end. */
async function played(page) {
  await page.locator('glass-player .app[aria-busy=false]').first().waitFor({ timeout: 600_000 });
}

/** Times of moves in ms: from the action until the page has what the new event shows. */
function timed(page, actions) {
  return page.locator('glass-player').evaluate(async (player, all) => {
    const times = [];
    for (const action of all) {
      const start = performance.now();
      await player.act(action);
      times.push(performance.now() - start);
      // The picture is drawn in between, after the frame has begun, and its time is not the move's.
      await new Promise(requestAnimationFrame);
      await new Promise((drawn) => setTimeout(drawn, 20));
    }
    return times;
  }, actions);
}

/** The time of each frame in ms, while the player takes a step for each. */
function frames(page, count) {
  return page.locator('glass-player').evaluate(async (player, n) => {
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < n; frame++) {
      await player.act({ do: 'step', by: 1 });
      const now = await new Promise(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    return times;
  }, count);
}

const sorted = (times) => [...times].sort((a, b) => a - b);
const median = (times) => sorted(times)[Math.floor(times.length / 2)];
const p95 = (times) => sorted(times)[Math.floor(times.length * 0.95)];

const rows = [];
function row(what, value, budget = '') {
  rows.push({ what, value, budget });
}
const ms = (value) => `${value.toFixed(1)} ms`;

async function firstPicture(context) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const look = () => {
      const drawn = document.querySelector('glass-player')?.shadowRoot?.querySelector('svg.stage');
      if (drawn) globalThis.firstPicture = performance.now();
      else requestAnimationFrame(look);
    };
    look();
  });
  await page.goto(new URL('?scenario=rabbitmq/hello', process.env.GLASSMQ_URL).href);
  await page.waitForFunction(() => globalThis.firstPicture);
  const time = await page.evaluate(() => globalThis.firstPicture);
  await page.close();
  return time;
}

async function moves(context, events) {
  const start = Date.now();
  const page = await generated(context, long(events));
  const opened = Date.now() - start;
  const early = Math.floor((await run(page)).total / 2);
  await act(page, { do: 'seek', to: early });
  const meanwhile = await timed(page, Array.from({ length: MOVES }, () => ({ do: 'step', by: 1 })));
  await played(page);
  const { total } = await run(page);
  const size = total.toLocaleString('en');
  row(`first picture of a run of ${size} events`, ms(opened), '1000 ms');
  row(`step forward while it is being played, median`, ms(median(meanwhile)));
  row(`played to its end`, `${((Date.now() - start) / 1000).toFixed(1)} s`);
  const middle = Math.floor(total / 2);
  await act(page, { do: 'seek', to: middle });
  // Spread over the run by a fixed rule, so that two benches jump alike.
  const jump = (n) => ({ do: 'seek', to: 1 + ((n * 7919 * 104729) % total) });
  const kinds = {
    'step forward': Array.from({ length: MOVES }, () => ({ do: 'step', by: 1 })),
    'step back': Array.from({ length: MOVES }, () => ({ do: 'step', by: -1 })),
    'jump anywhere': Array.from({ length: MOVES }, (_, n) => jump(n)),
  };
  for (const [kind, actions] of Object.entries(kinds)) {
    const times = await timed(page, actions);
    row(`${kind} at ${size} events, median`, ms(median(times)), '16 ms');
    row(`${kind} at ${size} events, best`, ms(Math.min(...times)), '16 ms');
    row(`${kind} at ${size} events, 95th of 100`, ms(p95(times)), '16 ms');
  }
  await page.close();
}

async function crowd(context) {
  const page = await generated(context, crowded());
  await played(page);
  const { total } = await run(page);
  const flying = () =>
    page.locator('glass-player').evaluate(({ state }) => state.shown.scene.flights.reduce((sum, { tokens, more = 0 }) => sum + tokens.length + more, 0));
  // The publisher's own time begins when it is connected: the place is looked for.
  let most = { at: 0, flying: 0 };
  for (let place = 1; place < PLACES; place++) {
    const at = Math.floor((total * place) / PLACES);
    await act(page, { do: 'seek', to: at });
    const now = await flying();
    if (now > most.flying) most = { at, flying: now };
  }
  await act(page, { do: 'seek', to: most.at });
  row('messages in flight that the scene tells of', String(most.flying), IN_FLIGHT.toLocaleString('en'));
  const times = await frames(page, FRAMES);
  row(`a frame at ${IN_FLIGHT} messages in flight, median`, ms(median(times)), '16.7 ms');
  row(`a frame at ${IN_FLIGHT} messages in flight, 95th of 100`, ms(p95(times)), '16.7 ms');
  await page.close();
}

row('who else wants a processor, for each of them', (loadavg()[0] / cpus().length).toFixed(1));
const { context, close } = await launch();
try {
  // The first page warms the browser up: a reader's is warm too.
  await (await open(context, '')).close();
  row('first picture', ms(await firstPicture(context)), '1000 ms');
  await crowd(context);
  for (const events of EVENTS) await moves(context, events);
} finally {
  await close();
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, value, budget } of rows) {
    console.log(`${what.padEnd(width)}  ${value.padStart(10)}  ${budget && `budget ${budget}`}`.trimEnd());
  }
}
