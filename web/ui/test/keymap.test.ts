import { expect, test } from 'vitest';

import { strokeOf, type Focus } from '../src/player/keymap';

const now = { at: 142, speed: 1, selected: 'message:m18' };

function press(keys: string, focus: Focus = 'elsewhere') {
  const parts = keys.split('+');
  const key = parts.at(-1)!;
  const held = new Set(parts.slice(0, -1));
  const stroke = { key: key === 'Space' ? ' ' : key, shift: held.has('Shift'), alt: held.has('Alt'), control: held.has('Control') };
  return strokeOf(stroke, focus, now);
}

test.each([
  ['ArrowRight', { do: 'step', by: 1 }],
  ['ArrowLeft', { do: 'step', by: -1 }],
  ['Shift+ArrowRight', { do: 'interesting', by: 1 }],
  ['Shift+ArrowLeft', { do: 'interesting', by: -1 }],
  ['Home', { do: 'first' }],
  ['End', { do: 'last' }],
  ['[', { do: 'speed', to: 0.5 }],
  [']', { do: 'speed', to: 4 }],
  ['f', { do: 'fork', at: 142, change: { is: 'none' } }],
  ['d', { do: 'fork', at: 142, change: { is: 'drop', message: 'message:m18' } }],
  ['x', { do: 'faults' }],
  ['u', { do: 'undo' }],
  ['i', { do: 'panel', to: 'inspect' }],
  ['j', { do: 'along', by: 1 }],
  ['2', { do: 'view', to: 'space-time' }],
  ['c', { do: 'copy' }],
  ['/', { do: 'find' }],
  ['?', { do: 'help' }],
  ['Escape', { do: 'close' }],
])('%s', (keys, action) => {
  expect(press(keys)).toEqual(action);
});

test('arrows move between nodes while one has the focus; Alt steps all the same', () => {
  expect(press('ArrowUp', 'stage')).toEqual({ do: 'move', to: 'up' });
  expect(press('ArrowRight', 'stage')).toEqual({ do: 'move', to: 'right' });
  expect(press('Alt+ArrowRight', 'stage')).toEqual({ do: 'step', by: 1 });
  expect(press('ArrowUp', 'timeline')).toBeUndefined();
});

test('with the focus on nothing, arrows step and Space plays', () => {
  expect(press('ArrowLeft', 'nothing')).toEqual({ do: 'step', by: -1 });
  expect(press('Space', 'nothing')).toEqual({ do: 'play' });
});

test('a button keeps its own keys, a text field nearly all', () => {
  expect(press('Space', 'elsewhere')).toBeUndefined();
  expect(press('Space', 'stage')).toEqual({ do: 'play' });
  expect(press('Enter', 'stage')).toEqual({ do: 'why' });
  expect(press('f', 'text')).toBeUndefined();
  expect(press('Escape', 'text')).toEqual({ do: 'close' });
});

test('in a menu the arrows go along its items', () => {
  expect(press('ArrowDown', 'menu')).toEqual({ do: 'item', by: 1 });
  expect(press('ArrowUp', 'menu')).toEqual({ do: 'item', by: -1 });
  expect(press('Escape', 'menu')).toEqual({ do: 'close' });
  expect(press('f', 'menu')).toBeUndefined();
});

test("what is the browser's stays the browser's", () => {
  expect(press('Control+c')).toBeUndefined();
  expect(press('Control+f')).toBeUndefined();
});
