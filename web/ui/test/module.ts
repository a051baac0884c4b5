// The wasm module as it ships, in parts, under Node. vitest runs in web/ui.

import { readFileSync } from 'node:fs';

import { initSync } from '../pkg/glassmq.js';
import { partsOf } from '../src/engine/parts.js';

export function loadModule(): void {
  const exports = initSync({ module: readFileSync('pkg/glassmq_bg.wasm') });
  partsOf({ ...exports }, (part) => new WebAssembly.Module(readFileSync(`pkg/glassmq_${part}.wasm`)));
}
