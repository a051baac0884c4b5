// The wasm module comes in parts: `glassmq_bg.wasm` has what every first picture takes. The others
// come when they are needed, and put their functions into the table of the first.
//
// It is JavaScript because Node, too, loads it as it is, in the tests of the module.

/** In the order in which `cargo xtask wasm` numbers them. */
export const PARTS = /** @type {const} */ (['kafka', 'rabbitmq', 'rest']);

/** @typedef {(typeof PARTS)[number]} Part */

/** @type {Set<Part>} */
const here = new Set();

/** @type {(part: Part) => WebAssembly.Module} */
let read = (part) => {
  throw new Error(`nobody said where the part ${part} of the simulator is`);
};

/** @type {WebAssembly.Exports} */
let entry = {};

/**
 * Says what the first part exports, and how another is had at once.
 * @param {WebAssembly.Exports} exports
 * @param {(part: Part) => WebAssembly.Module} how
 */
export function partsOf(exports, how) {
  entry = exports;
  read = how;
  here.clear();
}

/**
 * Puts a part in place.
 * @param {Part} part
 * @param {WebAssembly.Module} module
 */
export function place(part, module) {
  if (here.has(part)) return;
  new WebAssembly.Instance(module, { entry: /** @type {WebAssembly.ModuleImports} */ (entry) });
  here.add(part);
}

/**
 * The module itself calls this, and goes on when the part is in place.
 * @param {number} number
 */
export function need(number) {
  const part = /** @type {Part} */ (PARTS[number]);
  if (!here.has(part)) place(part, read(part));
}
