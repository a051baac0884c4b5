// Moving the focus over the stage by geometry.

import { middle, type Box } from '../layout/place';
import type { Direction } from './keymap';

/** The nearest thing in a direction; what is off to the side counts for more than what is far. */
export function nearest<Id>(things: Map<Id, Box>, from: Id, to: Direction): Id | undefined {
  const start = things.get(from);
  if (!start) return undefined;
  const here = middle(start);
  const level = to === 'left' || to === 'right';
  const sign = to === 'left' || to === 'up' ? -1 : 1;
  let best: { id: Id; cost: number } | undefined;
  for (const [id, box] of things) {
    const there = middle(box);
    const ahead = sign * (level ? there.x - here.x : there.y - here.y);
    const aside = Math.abs(level ? there.y - here.y : there.x - here.x);
    if (id === from || ahead <= 1) continue;
    // What is more aside than ahead is in another direction.
    const cost = ahead + 2 * aside + (aside > ahead ? 1000 : 0);
    if (!best || cost < best.cost) best = { id, cost };
  }
  return best?.id;
}
