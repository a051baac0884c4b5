// The one state of a player: where it is in which run, what it shows, what is selected.

import type { Opened, Session, Shown, Source } from '../engine/session';
import type { Action, Change, PanelName, ViewName } from '../panels/actions';
import type { Event, Facts, History, Run, ThingId, Why } from '../scene';
import { sayer, type Language, type Say } from '../text/strings';

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
  view: ViewName;
  panel: PanelName;
  table: boolean;
  /** All tapes of a cluster, where there is room for one partition only. */
  tapes: boolean;
  /** Folds of the diagram that were opened: the numbers of the events before them. */
  unfolded: number[];
  /** What was found. */
  found: Event[];
  spacing: 'event' | 'time';
  selected?: ThingId | undefined;
  playing: boolean;
  speed: number;
  unit: 'event' | 'hop';
  /** Which way the last step went; none after a jump. */
  moved?: 'forward' | 'back' | undefined;
  open?: 'help' | 'faults' | 'find' | undefined;
  drawer: boolean;
  answer?: number | undefined;
  checked: boolean;
  hint: boolean;
  /** Said once, as `Link copied`. */
  notice?: string | undefined;
  error?: Error | undefined;
  language: Language;
  theme?: 'light' | 'dark' | undefined;
}

/** A place that undo returns to. */
interface Place {
  id: string;
  at: number;
}

const START: State = {
  id: '',
  at: 0,
  events: [],
  view: 'stage',
  panel: 'story',
  table: false,
  tapes: false,
  unfolded: [],
  found: [],
  spacing: 'event',
  playing: false,
  speed: 1,
  unit: 'event',
  drawer: false,
  checked: false,
  hint: false,
  language: 'en',
};

/** Events of the story before and after the cursor. */
const BEFORE = 24;
const AFTER = 6;

/** Between two steps of playing at speed 1, in ms: source, way, target. */
const BEAT = 640;

export class Store {
  state: State = { ...START };
  #session: Session;
  #changed: () => void;
  /** The last frame that was asked for: answers to others are late. */
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #undo: Place[] = [];

  constructor(session: Session, changed: () => void) {
    this.#session = session;
    this.#changed = changed;
  }

  async open(source: () => Promise<Source>): Promise<void> {
    try {
      await this.#enter(await this.#session.open(await source(), this.#say()));
    } catch (error) {
      this.#set({ error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#session.close();
  }

  set language(language: Language) {
    this.#set({ language });
    if (this.state.run) void this.#show(this.state.at);
  }

  /** Carries out an action; resolves when the picture is that of it. */
  async act(action: Action): Promise<void> {
    const { state } = this;
    if (state.playing && action.do !== 'speed') this.#pause();
    switch (action.do) {
      case 'seek':
        return this.#seek(action.to);
      case 'step':
        return this.#step(action.by);
      case 'interesting':
        return this.#seek(this.#next(state.run?.interesting ?? [], action.by));
      case 'first':
        return this.#seek(0);
      case 'last':
        return this.#seek(state.run?.total ?? 0);
      case 'play':
        return state.playing ? undefined : this.#play();
      case 'speed':
        return this.#set({ speed: action.to });
      case 'unit':
        return this.#set({ unit: action.to });
      case 'fork':
        return this.#fork(action.at, action.change);
      case 'open-fork':
        this.#remember();
        return this.#enter(await this.#session.openFork(action.id, this.#say()), state.at);
      case 'undo':
        return this.#back();
      case 'select':
        return this.#select(action.thing);
      case 'why':
        return this.#set({ why: await this.#session.why(state.selected, state.at, this.#say()), open: undefined });
      case 'view':
        return this.#view(action.to);
      case 'panel':
        return this.#panel(action.to);
      case 'copy':
        return this.#copy();
      case 'along':
        return this.#along(action.by);
      case 'unfold':
        this.#set({ unfolded: [...state.unfolded, action.after] });
        return this.#view('space-time');
      case 'search':
        return this.#set({ found: action.text === '' ? [] : await this.#session.find(action.text, this.#say()) });
      case 'check':
        return this.#check();
      default:
        return this.#set(toggled(state, action));
    }
  }

  #say(): Say {
    return sayer(this.state.language);
  }

  #set(change: Partial<State>): void {
    this.state = { ...this.state, notice: undefined, ...change };
    this.#changed();
  }

  async #enter(opened: Opened, at = opened.at): Promise<void> {
    const { language, theme, view, panel, speed, unit, selected } = this.state;
    const { id, run } = opened;
    this.state = { ...START, id, run, language, theme, view, panel, speed, unit, selected };
    await this.#show(Math.min(at, run.total));
    if (view !== 'stage') await this.#view(view);
  }

  async #show(at: number, moved?: State['moved']): Promise<void> {
    const asked = ++this.#asked;
    const { run, selected } = this.state;
    if (!run) return;
    const say = this.#say();
    try {
      const [shown, events] = await Promise.all([
        this.#session.frame(at, say),
        this.#session.events(Math.max(0, at - BEFORE), Math.min(run.total, at + AFTER), say),
      ]);
      const facts = selected === undefined ? undefined : await this.#session.inspect(selected, at, say);
      const history = this.state.view === 'space-time' ? await this.#session.history(at, this.state.unfolded, say) : undefined;
      if (asked !== this.#asked) return;
      if (selected !== undefined) shown.scene.selected = selected;
      this.#set({ at, shown, events, facts, history, moved, answer: undefined, checked: false, hint: false });
    } catch (error) {
      if (asked === this.#asked) this.#set({ error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  async #seek(to: number): Promise<void> {
    const total = this.state.run?.total ?? 0;
    const at = Math.min(total, Math.max(0, to));
    if (at !== this.state.at) await this.#show(at);
  }

  async #step(by: 1 | -1): Promise<void> {
    const { run, at, unit } = this.state;
    if (!run) return;
    const to = unit === 'hop' ? this.#next(run.hops, by) : at + by;
    if (to < 0 || to > run.total || to === at) return;
    await this.#show(to, by === 1 ? 'forward' : 'back');
  }

  /** The next number of a list in a direction, or the end of the run. */
  #next(numbers: number[], by: 1 | -1): number {
    const { at, run } = this.state;
    const found = by === 1 ? numbers.find((n) => n > at) : numbers.filter((n) => n < at).at(-1);
    return found ?? (by === 1 ? (run?.total ?? at) : 0);
  }

  #play(): void {
    if (this.state.at >= (this.state.run?.total ?? 0)) return;
    this.#set({ playing: true });
    const beat = async () => {
      await this.#step(1);
      const { playing, at, run, speed } = this.state;
      if (!playing) return;
      if (at >= (run?.total ?? 0)) this.#pause();
      else this.#timer = setTimeout(beat, BEAT / speed);
    };
    this.#timer = setTimeout(beat, BEAT / this.state.speed);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#set({ playing: false });
  }

  #remember(): void {
    this.#undo.push({ id: this.state.id, at: this.state.at });
  }

  async #fork(at: number, change: Change): Promise<void> {
    this.#remember();
    try {
      const opened = await this.#session.fork(at, change, this.#say());
      await this.#enter(opened);
    } catch (error) {
      this.#undo.pop();
      this.#set({ notice: error instanceof Error ? error.message : String(error), open: undefined });
    }
  }

  async #back(): Promise<void> {
    const place = this.#undo.pop();
    if (place) await this.#enter(await this.#session.openFork(place.id, this.#say()), place.at);
  }

  async #select(thing: ThingId | undefined): Promise<void> {
    const { at, shown } = this.state;
    const facts = thing === undefined ? undefined : await this.#session.inspect(thing, at, this.#say());
    if (shown) shown.scene.selected = thing;
    this.#set({ selected: thing, facts, open: undefined });
  }

  async #view(view: ViewName): Promise<void> {
    const { at, unfolded } = this.state;
    const history = view === 'space-time' ? await this.#session.history(at, unfolded, this.#say()) : undefined;
    this.#set({ view, history, table: false });
  }

  async #panel(panel: PanelName): Promise<void> {
    const { selected, at } = this.state;
    const facts = selected === undefined ? undefined : await this.#session.inspect(selected, at, this.#say());
    this.#set({ panel, facts, why: undefined, drawer: true });
  }

  async #copy(): Promise<void> {
    const link = await this.#session.link(this.state.at, this.state.view);
    try {
      await navigator.clipboard.writeText(link);
      this.#set({ notice: sayer(this.state.language)('copied') });
    } catch {
      // No leave to write to the clipboard: the link itself is shown.
      this.#set({ notice: link });
    }
  }

  /** To the next event of the selected thing. */
  async #along(by: 1 | -1): Promise<void> {
    const { facts, at } = this.state;
    const numbers = (facts?.events ?? []).map((event) => event.n).sort((a, b) => a - b);
    const to = by === 1 ? numbers.find((n) => n > at) : numbers.filter((n) => n < at).at(-1);
    if (to !== undefined) await this.#seek(to);
  }

  /** Judges the answer; a right one takes the step that it foretold. */
  async #check(): Promise<void> {
    const { shown, answer } = this.state;
    this.#set({ checked: true });
    if (answer !== undefined && answer === shown?.lesson?.question?.right) {
      await this.#step(1);
      this.#set({ answer, checked: true });
    }
  }
}

/** The actions that change what is shown and ask the engine nothing. */
function toggled(state: State, action: Action): Partial<State> {
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
    case 'drawer':
      return { drawer: !state.drawer };
    case 'help':
    case 'find':
      return { open: state.open === action.do ? undefined : action.do };
    case 'faults':
      return state.selected === undefined ? {} : { open: state.open ? undefined : 'faults' };
    case 'theme':
      return { theme: state.theme === 'dark' ? 'light' : 'dark' };
    case 'close':
      if (state.open) return { open: undefined };
      return state.why ? { why: undefined } : { selected: undefined, facts: undefined, drawer: false };
    default:
      return {};
  }
}
