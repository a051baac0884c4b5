// Virtual time, as it is written.

/** `00:03.480`, from microseconds. */
export function clock(us: number): string {
  const ms = Math.floor(us / 1000);
  const [minutes, seconds] = [Math.floor(ms / 60_000), Math.floor(ms / 1000) % 60];
  return `${two(minutes)}:${two(seconds)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** `3.480`, from microseconds. */
export function seconds(us: number): string {
  return (us / 1_000_000).toFixed(3);
}

/** `2.0 s`, where a thousandth says nothing; in the first second it does: `0.031 s`. */
export function about(us: number): string {
  return `${(us / 1_000_000).toFixed(us < 1_000_000 ? 3 : 1)} s`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
