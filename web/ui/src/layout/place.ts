// Placing things in a lane: pure arithmetic that knows nothing of brokers.

/** A rectangle, in px of the stage. */
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** How many of one kind there are decides how much each of them shows. */
export type Density = 'full' | 'slim' | 'bars' | 'grid';

/** Never changes while playing: it depends on how many there ever are. */
export function density(count: number): Density {
  if (count <= 5) return 'full';
  if (count <= 12) return 'slim';
  return count <= 40 ? 'bars' : 'grid';
}

/**
 * Centres at least `gap` apart, each as near to where it wants to be as its neighbours allow,
 * between `from` and `to`. Things that want the same place share it around their middle. The order
 * of wishes is kept; equal wishes keep the order given.
 */
export function spread(wishes: number[], gap: number, from: number, to: number): number[] {
  const order = wishes.map((_, i) => i).sort((a, b) => wishes[a]! - wishes[b]! || a - b);
  const placed = new Array<number>(wishes.length).fill(0);
  let at = -Infinity;
  for (const [turn, i] of order.entries()) {
    const same = order.filter((j) => wishes[j] === wishes[i]);
    const wish = wishes[i]! + (order.indexOf(i) - order.indexOf(same[0]!) - (same.length - 1) / 2) * gap;
    at = turn === 0 ? Math.max(from, wish) : Math.max(at + gap, wish);
    placed[i] = at;
  }
  // What ran out at the bottom is pushed back up, as far as the top allows.
  let below = to + gap;
  for (const i of [...order].reverse()) {
    placed[i] = Math.min(placed[i]!, below - gap);
    below = placed[i]!;
  }
  const over = from - (placed[order[0] ?? 0] ?? from);
  return over > 0 ? placed.map((y) => y + over) : placed;
}

/** Tops of rows one below the other: spare height goes between them, at most `most` each. */
export function stack(heights: number[], from: number, to: number, most: number): number[] {
  const spare = Math.max(0, to - from - heights.reduce((sum, h) => sum + h, 0));
  const gap = Math.min(most, spare / (heights.length + 1));
  let y = from + (spare - gap * (heights.length - 1)) / 2;
  return heights.map((h) => {
    const top = y;
    y += h + gap;
    return top;
  });
}

/** Between two figures for the narrow and the wide stage, and beyond the wide one in proportion. */
export function between(narrow: number, wide: number, width: number): number {
  if (width >= WIDE) return Math.round((wide * width) / WIDE);
  const share = Math.max(0, (width - NARROW) / (WIDE - NARROW));
  return Math.round(narrow + (wide - narrow) * share);
}

/** The widths for which lanes are given; from the one to the other they grow evenly. */
export const NARROW = 690;
export const WIDE = 1024;
/** Below this the lanes become bands. */
export const PHONE = 600;

/** The middle of a box. */
export function middle(box: Box): { x: number; y: number } {
  return { x: box.x + box.w / 2, y: box.y + box.h / 2 };
}

/** Whether two boxes share more than an edge. */
export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** Of k links that meet on one side, where the i-th does: 8 px apart around the middle. */
export function port(i: number, k: number): number {
  return (i - (k - 1) / 2) * 8;
}

/** A link between two points: straight where they are level, else a curve that leaves level. */
export function curve(x1: number, y1: number, x2: number, y2: number): string {
  if (Math.abs(y1 - y2) < 0.5) return `M${x1} ${y1}H${x2}`;
  const dx = (x2 - x1) * 0.4;
  return `M${x1} ${y1}C${x1 + dx} ${y1} ${x2 - dx} ${y2} ${x2} ${y2}`;
}

/** A point on that curve, at a share of its way. */
export function along(x1: number, y1: number, x2: number, y2: number, t: number): { x: number; y: number } {
  const dx = (x2 - x1) * 0.4;
  const u = 1 - t;
  const mix = (a: number, b: number, c: number, d: number) =>
    u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
  return { x: mix(x1, x1 + dx, x2 - dx, x2), y: mix(y1, y1, y2, y2) };
}
