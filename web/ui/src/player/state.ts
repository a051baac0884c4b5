// What a player is at: all that its picture is drawn from.

import type { Beside, Progress, Shown } from '../engine/session';
import type { Action, PanelName, ViewName } from '../panels/actions';
import type { Event, Facts, History, HistorySet, Metrics, Run, ThingId, Why } from '../scene';
import { sayer, type Language } from '../text/strings';

export interface State {
  id: string;
  run?: Run | undefined;
  at: number;
  shown?: Shown | undefined;
  /** The story around the cursor. */
  events: Event[];
  history?: History | undefined;
  why?: Why | undefined;
  facts?: Facts | undefined;
  metrics?: Metrics | undefined;
  /** The scenario's text. */
  source?: string | undefined;
  /** Another run that this one is held against. */
  other?: { id: string; beside?: Beside | undefined } | undefined;
  view: ViewName;
  panel: PanelName;
  table: boolean;
  /** All tapes of a cluster, where there is room for one partition only. */
  tapes: boolean;
  /** Folds of the diagram that were opened: the numbers of the events before them. */
  unfolded: number[];
  /** Which set the diagram marks. */
  set: HistorySet;
  /** Quiet events of the story that were opened: the first of each fold. */
  opened: number[];
  /** Rows of forks that were scrolled past. */
  past: number;
  /** What was looked for and what was found. */
  asked: string;
  found: Event[];
  spacing: 'event' | 'time';
  selected?: ThingId | undefined;
  playing: boolean;
  speed: number;
  unit: 'event' | 'hop';
  /** Which way the last step went; none after a jump. */
  moved?: 'forward' | 'back' | undefined;
  open?: 'help' | 'faults' | 'find' | 'share' | undefined;
  /** Where the fault menu opens, in px of the player. */
  menu?: { x: number; y: number } | undefined;
  /** The address to share, and whether it was copied. */
  link?: string | undefined;
  copied: boolean;
  drawer: boolean;
  answer?: number | undefined;
  checked: boolean;
  hint: boolean;
  /** Said once, as `Link copied`. */
  notice?: string | undefined;
  /** The sentence that is spoken: the current one, but not more often than can be listened to. */
  spoken: string;
  /** How far the run was played, while that takes its time. */
  progress?: Pick<Progress, 'played' | 'total'> | undefined;
  /** What of a link could not be taken as it is. */
  lost?: string[] | undefined;
  /** Whether there is something to undo. */
  undoable: boolean;
  error?: Error | undefined;
  language: Language;
  theme?: 'light' | 'dark' | undefined;
}

/** Before anything is open. */
export const START: State = {
  id: '',
  at: 0,
  events: [],
  view: 'stage',
  panel: 'story',
  table: false,
  tapes: false,
  unfolded: [],
  set: 'cause',
  opened: [],
  past: 0,
  asked: '',
  found: [],
  copied: false,
  undoable: false,
  spoken: '',
  spacing: 'event',
  playing: false,
  speed: 1,
  unit: 'event',
  drawer: false,
  checked: false,
  hint: false,
  language: 'en',
};

/** The actions that change what is shown and ask the engine nothing. */
export function toggled(state: State, action: Action): Partial<State> {
  switch (action.do) {
    case 'table':
      return { table: !state.table };
    case 'tapes':
      return { tapes: !state.tapes };
    case 'spacing':
      return { spacing: action.to };
    case 'answer':
      return { answer: action.choice, checked: false };
    case 'hint':
      return { hint: true };
    case 'moment':
      return { panel: 'story', drawer: false };
    case 'drawer':
      return { drawer: !state.drawer };
    case 'help':
    case 'find':
      return { open: state.open === action.do ? undefined : action.do };
    case 'past':
      return { past: state.past + 1 };
    case 'quiet':
      return { opened: [...state.opened, action.after] };
    case 'faults':
      if (state.selected === undefined) return { notice: sayer(state.language)('nothingSelected') };
      return { open: state.open === 'faults' && !action.at ? undefined : 'faults', menu: action.at };
    case 'theme':
      return { theme: state.theme === 'dark' ? 'light' : 'dark' };
    case 'close':
      if (state.lost) return { lost: undefined };
      if (state.open) return { open: undefined };
      if (state.other) return { other: undefined };
      return state.why ? { why: undefined } : { selected: undefined, facts: undefined, drawer: false };
    default:
      return {};
  }
}
