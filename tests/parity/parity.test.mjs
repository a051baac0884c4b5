// A run is the same everywhere: the module that ships, in its parts, under Node, is held to the goldens that
// tests/parity.rs holds the native builds to.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const pkg = process.env.GLASSMQ_PKG;
assert.ok(pkg, 'GLASSMQ_PKG names the folder of the wasm module: run `cargo xtask test`');
const goldens = JSON.parse(readFileSync(new URL('goldens.json', import.meta.url), 'utf8'));
const library = new URL('../../scenarios/', import.meta.url);
let glassmq;

before(async () => {
  glassmq = await import(pathToFileURL(join(pkg, 'glassmq.js')));
  const { partsOf } = await import(pathToFileURL(join(pkg, '../src/engine/parts.js')));
  const exports = glassmq.initSync({ module: readFileSync(join(pkg, 'glassmq_bg.wasm')) });
  partsOf(exports, (part) => new WebAssembly.Module(readFileSync(join(pkg, `glassmq_${part}.wasm`))));
});

test('the goldens are of this engine, and of every scenario', () => {
  assert.equal(glassmq.engineVersion(), goldens.engine);
  const files = readdirSync(library, { recursive: true }).map((path) => path.replaceAll('\\', '/'));
  const scenarios = files.filter((path) => path.endsWith('.json') && !path.endsWith('.schema.json'));
  assert.deepEqual(Object.keys(goldens.runs).sort(), scenarios.map((path) => path.slice(0, -5)).sort());
});

for (const [name, run] of Object.entries(goldens.runs)) {
  test(name, () => {
    const text = readFileSync(new URL(`${name}.json`, library), 'utf8');
    assert.deepEqual(JSON.parse(glassmq.play(text)), run);
  });
}
