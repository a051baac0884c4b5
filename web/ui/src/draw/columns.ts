// Of many nodes some have a column of their own in the space-time diagram; the others share one.

import type { History, ThingId } from '../scene';

/** The column of those that have none of their own. */
export const OTHERS: ThingId = 'others:';

/** A history of at most so many columns: the last one is then that of all others, `+n`. */
export function folded(of: History, most: number): History {
  if (of.columns.length <= most) return of;
  const led = new Set(of.rows.flatMap((row) => (row.is === 'event' && (row.set === 'cause' || row.n === of.selected) ? [row.column] : [])));
  // What led to the selected event keeps its columns, then those that come first.
  const byNeed = [...of.columns].sort((a, b) => Number(led.has(b.id)) - Number(led.has(a.id)));
  const own = new Set(byNeed.slice(0, most - 1).map(({ id }) => id));
  const to = (id: ThingId) => (own.has(id) ? id : OTHERS);
  const both = ([a, b]: [ThingId, ThingId]): [ThingId, ThingId] => [to(a), to(b)];
  const rows = of.rows.map((row) => {
    if (row.is === 'event') return { ...row, column: to(row.column) };
    const counts = new Map<ThingId, number>();
    for (const { column, count } of row.counts) counts.set(to(column), (counts.get(to(column)) ?? 0) + count);
    return { ...row, counts: [...counts].map(([column, count]) => ({ column, count })) };
  });
  return {
    ...of,
    rows,
    columns: [...of.columns.filter(({ id }) => own.has(id)), { id: OTHERS, name: `+${of.columns.length - own.size}` }],
    messages: of.messages.map((message) => (message.between ? { ...message, between: both(message.between) } : message)),
    cuts: of.cuts.filter(({ between }) => between.every((id) => own.has(id))),
    epochs: of.epochs.filter(({ column }) => own.has(column)),
  };
}
