// All that a person can do to the player. Panels send these; the store carries them out.

import type { HistorySet, ThingId } from '../scene';

/** In the order of their tabs and of their keys. */
export const VIEWS = ['stage', 'space-time', 'code', 'metrics'] as const;
export type ViewName = (typeof VIEWS)[number];
export type PanelName = 'story' | 'inspect' | 'checks' | 'scenario' | 'why';

export type Action =
  | { do: 'seek'; to: number; then?: 'why'; of?: ThingId }
  | { do: 'step'; by: 1 | -1 }
  | { do: 'interesting'; by: 1 | -1 }
  | { do: 'first' }
  | { do: 'last' }
  | { do: 'play' }
  | { do: 'speed'; to: number }
  | { do: 'unit'; to: 'event' | 'hop' }
  | { do: 'fork'; at: number; change: Change }
  | { do: 'open-fork'; id: string }
  | { do: 'past' }
  | { do: 'view'; to: ViewName }
  | { do: 'panel'; to: PanelName }
  | { do: 'table' }
  | { do: 'tapes' }
  | { do: 'unfold'; after: number }
  | { do: 'search'; text: string }
  | { do: 'select'; thing: ThingId | undefined }
  | { do: 'why' }
  | { do: 'close' }
  | { do: 'undo' }
  | { do: 'copy' }
  | { do: 'find' }
  | { do: 'help' }
  | { do: 'theme' }
  | { do: 'language' }
  | { do: 'drawer' }
  | { do: 'moment' }
  | { do: 'faults'; at?: { x: number; y: number } | undefined }
  | { do: 'share' }
  | { do: 'quiet'; after: number }
  | { do: 'set'; to: HistorySet }
  | { do: 'compare'; id: string | undefined }
  | { do: 'answer'; choice: number }
  | { do: 'check' }
  | { do: 'hint' }
  | { do: 'along'; by: 1 | -1 }
  | { do: 'spacing'; to: 'event' | 'time' };

/** What a fork changes at its event; none for a bare fork. */
export type Change =
  | { is: 'none' }
  | { is: 'fault'; fault: FaultName; on: ThingId }
  | { is: 'drop'; message: ThingId }
  /** A setting for the whole run, as `acks=all` or, of one client, `shop: acks=all`. */
  | { is: 'setting'; change: string };

export type FaultName =
  | 'crash'
  | 'power'
  | 'restart'
  | 'stop'
  | 'pause'
  | 'resume'
  /** Of a process from all others, or of the link it is done to; so are the next ones. */
  | 'cut'
  | 'heal'
  | 'slow'
  | 'reset'
  | 'hold'
  | 'release'
  /** A wall clock that is ahead, and right again. */
  | 'skew'
  | 'unskew'
  | 'slow-disk'
  | 'disk-full'
  | 'disk-free';

/** Sends an action. */
export type Act = (action: Action) => unknown;
