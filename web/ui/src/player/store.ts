// The one state of a player: where it is in which run, what it shows, what is selected.

import type { Opened, Session, Shown, Source } from '../engine/session';
import { plain } from '../draw/text';
import { VIEWS, type Action, type Change, type PanelName, type ViewName } from '../panels/actions';
import type { Event, Run, ThingId, Why } from '../scene';
import { sayer, type Language, type Say } from '../text/strings';
import { needsAll, startOf } from './start';
import { START, toggled, type State } from './state';

/** A place that undo returns to. */
interface Place {
  id: string;
  at: number;
}

/** Events of the story before and after the cursor; quiet ones among them are folded. */
const BEFORE = 64;
const AFTER = 24;

/** Between two sentences that are spoken while the run plays, in ms. */
const LISTEN = 2000;

/** A run that takes no longer than this shows no progress, in ms. */
const PATIENCE = 300;

/** A run that was played to its end. */
const WHOLE = 1_000_000;

function isPlaying({ played = WHOLE }: Run): boolean {
  return played < WHOLE;
}

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
  /** What has the rest of the run played: only the last is heeded. */
  #rest = 0;
  /** When a sentence was last spoken, in ms. */
  #spoke = 0;

  constructor(session: Session, changed: () => void) {
    this.#session = session;
    this.#changed = changed;
  }

  /** Opens a run, at an event or at what `start` names. */
  async open(source: () => Promise<Source>, at?: number, start = ''): Promise<void> {
    try {
      const of = await source();
      this.state = { ...this.state, source: 'scenario' in of ? of.scenario : undefined };
      const opened = await this.#session.open(of, this.#say());
      await this.#enter(opened, at || opened.at, start);
    } catch (error) {
      this.#set({ error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#rest++;
    this.#session.close();
  }

  set language(language: Language) {
    this.#set({ language });
    if (this.state.run) void this.#retell();
  }

  /** Carries out an action; resolves when the picture is that of it. */
  async act(action: Action): Promise<void> {
    const { state } = this;
    if (state.playing && action.do !== 'speed') this.#pause();
    switch (action.do) {
      case 'seek':
        await this.#seek(action.to);
        return action.then === 'why' ? this.#why(action.of) : undefined;
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
        return this.#why();
      case 'view':
        return this.#view(action.to);
      case 'panel':
        return this.#panel(action.to);
      case 'copy':
        return this.#copy();
      case 'share':
        return this.#set({ open: 'share', link: await this.#session.link(state.at, state.view), copied: false });
      case 'compare':
        return this.#compare(action.id);
      case 'set':
        return this.#set({ set: action.to });
      case 'along':
        return this.#along(action.by);
      case 'unfold':
        this.#set({ unfolded: [...state.unfolded, action.after] });
        return this.#view('space-time');
      case 'search':
        return this.#search(action.text);
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

  async #enter(opened: Opened, at = opened.at, start = ''): Promise<void> {
    const rest = ++this.#rest;
    let { run } = opened;
    // What is asked for must have been played.
    const all = start !== '' && needsAll(start);
    while ((at > run.total || all) && isPlaying(run) && rest === this.#rest) {
      const more = await this.#session.goOn(run.total, this.#say());
      if (rest !== this.#rest) return;
      run = more.run ?? { ...run, played: more.played };
      this.state = { ...this.state, progress: more };
      this.#changed();
    }
    void this.#playRest(rest, run);
    at = at || (startOf(run, start) ?? 0);
    const { language, theme, view, panel, speed, unit, selected, source, drawer, set, shown, events } = this.state;
    const { id } = opened;
    const to = Math.min(at, run.total);
    const undoable = this.#undo.length > 0;
    const asked = VIEWS.find((one) => one === opened.view) ?? view;
    // The last picture stays until the next one is there; what is asked meanwhile is asked of this run.
    this.state = { ...START, id, run, at: to, shown, events, language, theme, view: asked, lost: opened.notices, panel, speed, unit, selected, source: run.source ?? source, drawer, set, undoable };
    if (shown) this.#changed();
    await this.#show(to);
    if (asked !== 'stage') await this.#view(asked);
  }

  async #show(at: number, moved?: State['moved']): Promise<void> {
    const asked = ++this.#asked;
    const { run, selected } = this.state;
    if (!run) return;
    const say = this.#say();
    try {
      const { shown, events } = await this.#session.moment(at, BEFORE, AFTER, say);
      const facts = selected === undefined ? undefined : await this.#session.inspect(selected, at, this.#say());
      const history = this.state.view === 'space-time' ? await this.#session.history(at, this.state.unfolded, say) : undefined;
      const other = await this.#beside(this.state.other?.id, shown.event.at);
      if (asked !== this.#asked) return;
      if (selected !== undefined) shown.scene.selected = selected;
      const why = this.#stillWhy(at);
      this.#mark(shown, why);
      this.#set({ at, shown, spoken: this.#spoken(shown), events, facts, history, other, why, moved, answer: undefined, checked: false, hint: false });
    } catch (error) {
      if (asked === this.#asked) this.#set({ error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  /** Has the rest of the run played, by and by: what is asked meanwhile is answered in between. */
  async #playRest(rest: number, run: Run): Promise<void> {
    const since = Date.now();
    try {
      while (isPlaying(run)) {
        const more = await this.#session.goOn(run.total, this.#say());
        if (rest !== this.#rest) return;
        run = more.run ?? { ...run, played: more.played };
        const { lost = [], run: known } = this.state;
        const progress = isPlaying(run) && Date.now() - since > PATIENCE ? { played: more.played, total: more.total } : undefined;
        this.state = { ...this.state, run: more.run ?? known, progress, lost: [...lost, ...more.notices] };
        if (more.run || progress) this.#changed();
      }
    } catch (error) {
      if (rest === this.#rest) this.#set({ error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  /** All that was told of the run, in the language of now. */
  async #retell(): Promise<void> {
    const { id, at } = this.state;
    const { run } = await this.#session.openFork(id, this.#say());
    if (id !== this.state.id) return;
    this.state = { ...this.state, run, why: undefined };
    await this.#show(at);
    if (this.state.view !== 'stage') await this.#view(this.state.view);
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
      await this.#enter(await this.#session.fork(at, change, this.#say()));
      this.#set({ notice: this.#say()('forked', { n: at }) });
    } catch (error) {
      this.#undo.pop();
      this.#set({ notice: error instanceof Error ? error.message : String(error), open: undefined });
    }
  }

  async #back(): Promise<void> {
    const place = this.#undo.pop();
    if (!place) return this.#set({ notice: this.#say()('nothingToUndo') });
    await this.#enter(await this.#session.openFork(place.id, this.#say()), place.at);
    this.#set({ notice: this.#say()('undone', { n: place.at }) });
  }

  /** The causes of the selection are numbered on the stage as in their sentences. */
  async #why(of = this.state.selected): Promise<void> {
    const { at, shown } = this.state;
    const why = await this.#session.why(of, at, this.#say());
    if (!why) return this.#set({ open: undefined, notice: this.#say()('noWhy') });
    if (shown) this.#mark(shown, why);
    this.#set({ why, open: undefined, drawer: true });
    if (of === undefined) return;
    const cures = await this.#session.cures(of, this.#say());
    if (this.state.why === why && cures.length > 0) this.#set({ why: { ...why, cures } });
  }

  async #search(text: string): Promise<void> {
    this.#set({ asked: text, found: [] });
    const sofar = (found: Event[]) => this.state.asked === text && this.#set({ found });
    if (text !== '') sofar(await this.#session.find(text, this.#say(), sofar));
  }

  /** While the run plays, one sentence in two seconds. */
  #spoken(shown: Shown): string {
    const now = Date.now();
    if (this.state.playing && now - this.#spoke < LISTEN) return this.state.spoken;
    this.#spoke = now;
    return plain(shown.event.says);
  }

  /** A chain stays in sight while one goes along it. */
  #stillWhy(at: number): Why | undefined {
    const { why } = this.state;
    return why && (at === this.state.at || why.chain.some(({ n }) => n === at)) ? why : undefined;
  }

  #mark(shown: Shown, why: Why | undefined): void {
    if (shown.scene.causes.length > 0 || !why) return;
    shown.scene.causes = why.chain.flatMap((link, i) => (link.on ? [{ n: i + 1, at: link.on }] : []));
  }

  async #compare(id: string | undefined): Promise<void> {
    const { shown } = this.state;
    const other = shown ? await this.#beside(id, shown.event.at) : undefined;
    if (id !== undefined && !other?.beside) return this.#set({ notice: this.#say()('noOther') });
    this.#set({ other });
  }

  async #beside(id: string | undefined, at: number): Promise<State['other']> {
    return id === undefined ? undefined : { id, beside: await this.#session.beside(id, at, this.#say()) };
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
    const metrics = view === 'metrics' ? await this.#session.metrics(this.#say()) : undefined;
    this.#set({ view, history, metrics, table: false, other: undefined });
  }

  async #panel(panel: PanelName): Promise<void> {
    const { selected, at } = this.state;
    const facts = selected === undefined ? undefined : await this.#session.inspect(selected, at, this.#say());
    this.#set({ panel, facts, why: undefined, drawer: true, open: undefined });
  }

  async #copy(): Promise<void> {
    const link = await this.#session.link(this.state.at, this.state.view);
    try {
      await navigator.clipboard.writeText(link);
      this.#set({ notice: this.#say()('copied'), copied: true });
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

