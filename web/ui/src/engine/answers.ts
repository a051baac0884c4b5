// What the worker answers, with the words of the reader's language added.

import type { History, Metrics, Series, Why } from '../scene';
import type { Key, Say } from '../text/strings';
import type { Causes, Measured, Notice, Slice } from './protocol';

/** A link, and where in its run it leads: `#g1;...&at=142&view=space-time`. */
export function placeIn(address: string): { link: string; at: number; view: string | undefined } {
  const [link = '', ...rest] = address.split('&');
  const place = new URLSearchParams(rest.join('&'));
  const at = Number(place.get('at') ?? 0);
  return { link, at: Number.isInteger(at) && at > 0 ? at : 0, view: place.get('view') ?? undefined };
}

/** What of a link is not as whoever shared it saw it, in a line. */
export function noticed(one: Notice, say: Say): string {
  switch (one.is) {
    case 'engine':
      return say('oldLink', { old: one.made, now: one.now });
    case 'scenario':
      return say('linkScenario', { name: one.name });
    case 'end':
      return say('linkEnd');
  }
}

export function whyOf({ of, chain }: Causes, say: Say): Why {
  const links = chain.map(({ n, says, on, chip }) => ({ n, says, on, chip: chip ?? undefined }));
  return { ...titleOf(of, say), chain: links, cures: [] };
}

/** Ends of messages that have a word; the others are only explained. */
const ENDS: Record<string, Key> = {
  acknowledged: 'endConfirmed',
  dropped: 'endDropped',
  expired: 'endExpired',
  failed: 'endFailed',
  indeterminate: 'endIndeterminate',
  received: 'endReceived',
  returned: 'endReturned',
  settled: 'endSettled',
  truncated: 'endTruncated',
};

function titleOf(of: Causes['of'], say: Say): { title: string; lead: string } {
  switch (of.is) {
    case 'message': {
      const end = of.end === null ? undefined : ENDS[of.end];
      return { title: say('whyMessage', { id: of.label }), lead: end ? say(end, { id: of.label }) : '' };
    }
    case 'check':
      return { title: say('whyCheck', { name: of.name }), lead: of.found };
    case 'event':
      return { title: say('whyEvent', { n: of.n }), lead: '' };
  }
}

export function historyOf({ columns, cuts, epochs, ...rest }: Slice, say: Say): History {
  return {
    ...rest,
    columns: columns.map((id) => ({ id, name: id.slice(id.indexOf(':') + 1) })),
    epochs: epochs.map(({ to, ...span }) => ({ ...span, to: to ?? undefined })),
    cuts: cuts.map((cut) => ({ ...cut, text: say('cut'), healed: say('healed') })),
  };
}

const MEASURES: Record<Measured['what'], { says: Key; unit: string }> = {
  sent: { says: 'seriesSent', unit: 'messages' },
  confirmed: { says: 'seriesConfirmed', unit: 'messages' },
  received: { says: 'seriesReceived', unit: 'messages' },
  lost: { says: 'seriesLost', unit: 'messages' },
  ready: { says: 'seriesReady', unit: 'ready' },
  unacked: { says: 'seriesUnacked', unit: 'ready' },
  'log-end': { says: 'seriesLogEnd', unit: 'offset' },
  'high-watermark': { says: 'seriesHighWatermark', unit: 'offset' },
  lag: { says: 'seriesLag', unit: 'records' },
};

export function metricsOf(all: Measured[], say: Say): Metrics | undefined {
  const series = all.map(({ what, of: [of = '', by = ''], points }): Series => {
    const { says, unit } = MEASURES[what];
    return { name: say(says, { of, by }), unit, points };
  });
  return series.length > 0 ? { series } : undefined;
}
