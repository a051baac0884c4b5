// The keyboard. Arrows step; while a node of the stage has the focus they move between nodes, and
// Alt with an arrow always steps.

import type { Action } from '../panels/actions';

/** What of a key press decides. */
export interface Press {
  key: string;
  shift: boolean;
  alt: boolean;
  /** Control or Command: the browser's own. */
  control: boolean;
}

/** Where the focus is. */
export type Focus = 'stage' | 'timeline' | 'text' | 'menu' | 'elsewhere' | 'nothing';

/** Towards another node of the stage. */
export type Direction = 'left' | 'right' | 'up' | 'down';

export type Stroke = Action | { do: 'move'; to: Direction } | { do: 'item'; by: 1 | -1 };

const SPEEDS = [0.5, 1, 4, 16];

/** Keys that do not depend on anything. */
const PLAIN: Record<string, Action> = {
  ' ': { do: 'play' },
  Home: { do: 'first' },
  End: { do: 'last' },
  x: { do: 'faults' },
  u: { do: 'undo' },
  Enter: { do: 'why' },
  i: { do: 'panel', to: 'inspect' },
  j: { do: 'along', by: 1 },
  k: { do: 'along', by: -1 },
  '1': { do: 'view', to: 'stage' },
  '2': { do: 'view', to: 'space-time' },
  '3': { do: 'view', to: 'code' },
  '4': { do: 'view', to: 'metrics' },
  c: { do: 'copy' },
  '/': { do: 'find' },
  '?': { do: 'help' },
  Escape: { do: 'close' },
};

const ARROWS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** What a key press means; nothing if it is not the player's. */
export function strokeOf(
  press: Press,
  focus: Focus,
  now: { at: number; speed: number; selected?: string | undefined },
): Stroke | undefined {
  if (press.control) return undefined;
  if (focus === 'text') return press.key === 'Escape' ? { do: 'close' } : undefined;
  if (focus === 'menu') return menuStroke(press.key);
  const arrow = ARROWS[press.key];
  if (arrow) return arrowStroke(arrow, press, focus);
  if (press.alt) return undefined;
  // A button that has the focus takes its own keys.
  if (focus === 'elsewhere' && (press.key === ' ' || press.key === 'Enter')) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  switch (key) {
    case '[':
      return { do: 'speed', to: faster(now.speed, -1) };
    case ']':
      return { do: 'speed', to: faster(now.speed, 1) };
    case 'f':
      return { do: 'fork', at: now.at, change: { is: 'none' } };
    case 'd':
      return now.selected?.startsWith('message:')
        ? { do: 'fork', at: now.at, change: { is: 'drop', message: now.selected } }
        : undefined;
    default:
      return PLAIN[key];
  }
}

function arrowStroke(arrow: Direction, press: Press, focus: Focus): Stroke | undefined {
  if (focus === 'stage' && !press.alt && !press.shift) return { do: 'move', to: arrow };
  if (arrow === 'up' || arrow === 'down') return undefined;
  const by = arrow === 'left' ? -1 : 1;
  return press.shift ? { do: 'interesting', by } : { do: 'step', by };
}

/** In a menu the arrows go along its items; all else is the browser's. */
function menuStroke(key: string): Stroke | undefined {
  if (key === 'Escape') return { do: 'close' };
  if (key === 'ArrowDown') return { do: 'item', by: 1 };
  return key === 'ArrowUp' ? { do: 'item', by: -1 } : undefined;
}

function faster(speed: number, by: 1 | -1): number {
  const at = SPEEDS.indexOf(speed) + by;
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at))]!;
}
