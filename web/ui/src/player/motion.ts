// What moves when a step is taken: each token runs from where it was to where it is. Nothing else
// moves, and nothing moves after a jump.

export interface Point {
  x: number;
  y: number;
}

export interface Move {
  id: string;
  from: Point;
  to: Point;
}

/** More than this would be a swarm: the counts on the links say it better. */
const MOST = 30;

/** The moves between two pictures. A token that is new starts where its link does. */
export function moves(before: Map<string, Point>, after: Map<string, Point>, starts: Map<string, Point>): Move[] {
  const all: Move[] = [];
  for (const [id, to] of after) {
    const from = before.get(id) ?? starts.get(id);
    if (from && (Math.abs(from.x - to.x) > 1 || Math.abs(from.y - to.y) > 1)) all.push({ id, from, to });
  }
  return all.length > MOST ? [] : all;
}

/** Where the tokens of a picture are. A message with several copies is where its first one is. */
export function tokens(root: ParentNode): Map<string, Element> {
  const found = new Map<string, Element>();
  for (const token of root.querySelectorAll('svg.stage .tok[data-thing]')) {
    // Those in the tray have left the flow.
    const id = token.getAttribute('data-thing')!;
    if (!found.has(id) && !token.closest('.tray')) found.set(id, token);
  }
  return found;
}

/** The place of a token, as its `transform` says. */
export function placeOf(token: Element): Point {
  const [x, y] = (token.getAttribute('transform') ?? '').match(/-?[\d.]+/g)?.map(Number) ?? [];
  return { x: x ?? 0, y: y ?? 0 };
}

/** Runs the moves: 320 ms forward, 200 ms back, each the same for every link. */
export function run(made: Move[], on: Map<string, Element>, way: 'forward' | 'back'): void {
  const at = ({ x, y }: Point) => `translate(${x}px, ${y}px)`;
  for (const { id, from, to } of made) {
    on.get(id)?.animate([{ transform: at(from) }, { transform: at(to) }], {
      duration: way === 'forward' ? 320 : 200,
      easing: 'cubic-bezier(.3, .1, .2, 1)',
    });
  }
}
