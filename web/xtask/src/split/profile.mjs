// Opens every scenario as the player does up to its first picture, with a module that marks the
// functions it calls: node profile.mjs PKG MODULE LIBRARY. Prints, for each broker, their places.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [pkg, module, library] = process.argv.slice(2);
const { Run, engineVersion, initSync } = await import(pathToFileURL(join(pkg, 'glassmq.js')));
const marks = Object.entries(initSync({ module: readFileSync(module) })).filter(([name]) => name.startsWith('called '));

/** What has been called since it was last asked. */
function called() {
  const now = marks.filter(([, mark]) => mark.value === 1);
  for (const [, mark] of now) mark.value = 0;
  return now.map(([name]) => Number(name.slice('called '.length)));
}

/** The requests of `Store.open`: a reader comes to the start of a run, or by a link to the midst of it. */
function firstPicture(text, name, language) {
  engineVersion();
  const run = new Run(text, name);
  while (run.playOn('run', 200)) run.total('run');
  run.notices();
  run.played('run');
  run.about('run', language);
  const total = run.total('run');
  for (const at of [0, total >> 1]) run.moment('run', at, 96, 32, language);
  run.free();
}

const start = called();
const taken = { kafka: new Set(start), rabbitmq: new Set(start) };
for (const file of readdirSync(library, { recursive: true })) {
  if (!file.endsWith('.json') || file.endsWith('.schema.json')) continue;
  const text = readFileSync(join(library, file), 'utf8');
  const { world } = JSON.parse(text);
  firstPicture(text, file, 'en');
  const functions = called();
  for (const broker of Object.keys(taken)) {
    if (broker in world) functions.forEach((place) => taken[broker].add(place));
  }
}
console.log(JSON.stringify(taken, (_, value) => (value instanceof Set ? [...value] : value)));
