// Where a figure begins: at an event, or at what it is there to show.

import type { Run } from '../scene';

/** `120`; `fault`: the first fault; `violation`: the first violation of a check. */
export function startOf(run: Run, start: string): number | undefined {
  if (/^\d+$/.test(start)) return Number(start);
  if (start === 'fault') return run.flags[0]?.n;
  const broken = run.checks.flatMap(({ is, at }) => (is === 'breaks' && at !== undefined ? [at] : []));
  return start === 'violation' && broken.length > 0 ? Math.min(...broken) : undefined;
}

/** Whether the whole run must be known to say where that is. */
export function needsAll(start: string): boolean {
  return !/^\d+$/.test(start);
}
