// A finger that rests on a thing asks what a right click asks.

/** How long it rests, in ms, and how far it may slip, in px. */
const REST = 500;
const SLIP = 8;

/** Calls `pressed` where a finger rests. What a browser makes of it itself comes as a `contextmenu` event. */
export function onLongPress(on: HTMLElement, pressed: (target: Element, x: number, y: number) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  const stop = () => clearTimeout(timer);
  const down = (event: PointerEvent) => {
    stop();
    if (event.pointerType !== 'touch') return;
    const target = event.composedPath()[0];
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => target instanceof Element && pressed(target, from.x, from.y), REST);
  };
  const move = (event: PointerEvent) => {
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > SLIP) stop();
  };
  const kinds = ['pointerup', 'pointercancel', 'contextmenu', 'scroll'];
  on.addEventListener('pointerdown', down);
  on.addEventListener('pointermove', move);
  for (const kind of kinds) on.addEventListener(kind, stop);
  return () => {
    stop();
    on.removeEventListener('pointerdown', down);
    on.removeEventListener('pointermove', move);
    for (const kind of kinds) on.removeEventListener(kind, stop);
  };
}
