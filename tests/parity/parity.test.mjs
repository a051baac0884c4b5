// A run is the same everywhere: the wasm half of tests/parity.rs, on the module that ships.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const pkg = process.env.GLASSMQ_PKG;
assert.ok(pkg, 'GLASSMQ_PKG names the folder of the wasm module: run `cargo xtask test`');
assert.ok(process.env.GLASSMQ_NATIVE, 'GLASSMQ_NATIVE names what the native build noted');
const native = JSON.parse(readFileSync(process.env.GLASSMQ_NATIVE, 'utf8'));
const goldens = JSON.parse(readFileSync(new URL('goldens.json', import.meta.url), 'utf8'));
let glassmq;

before(async () => {
  glassmq = await import(pathToFileURL(join(pkg, 'glassmq.js')));
  glassmq.initSync({ module: readFileSync(join(pkg, 'glassmq_bg.wasm')) });
});

for (const { name, scenario, steps, digest } of goldens) {
  test(name, () => {
    const session = new glassmq.Session(scenario);
    for (let n = 0; n < steps; n++) session.step();
    assert.equal(session.digest(), digest);
    session.free();
  });
}

test('the native build noted every scenario', () => {
  const library = new URL('../../scenarios/', import.meta.url);
  const files = readdirSync(library, { recursive: true }).map((path) => path.replaceAll('\\', '/'));
  const scenarios = files.filter((path) => path.endsWith('.json') && !path.endsWith('.schema.json'));
  assert.deepEqual(Object.keys(native), scenarios.map((path) => path.slice(0, -5)).sort());
});

for (const [name, run] of Object.entries(native)) {
  test(name, () => {
    const text = readFileSync(new URL(`../../scenarios/${name}.json`, import.meta.url), 'utf8');
    let told;
    try {
      told = JSON.parse(glassmq.play(text));
    } catch (refused) {
      told = refused;
    }
    assert.deepEqual(told, run);
  });
}
