// <glass-player>: one run of one scenario, with all its panels.

import { LitElement, html, unsafeCSS, type PropertyValues } from 'lit';

import type { Session, Shown, Source } from '../engine/session';
import { WorkerSession } from '../engine/worker-session';
import { main, placeOf, type Measures } from '../panels/main';
import type { Action } from '../panels/actions';
import code from '../style/code.css?inline';
import log from '../style/log.css?inline';
import panels from '../style/panels.css?inline';
import story from '../style/story.css?inline';
import views from '../style/views.css?inline';
import shell from '../style/shell.css?inline';
import stage from '../style/stage.css?inline';
import palette from '../style/tokens.css?inline';
import transport from '../style/transport.css?inline';
import widths from '../style/widths.css?inline';
import { languageOf, type Language } from '../text/strings';
import { nearest } from './focus';
import { strokeOf, type Direction, type Focus } from './keymap';
import { onLongPress } from './longpress';
import { moves, placeOf as pointOf, run, tokens, type Move, type Point } from './motion';
import { FIRST, linkIn, loadScenario } from './scenario';
import { Store } from './store';

/** A player lower than this has no room for bars and cards around its picture. */
const LOW = 640;

export class GlassPlayer extends LitElement {
  static override properties = {
    scenario: { type: String },
    compact: { type: Boolean, reflect: true },
    theme: { type: String },
    at: { type: Number },
    start: { type: String },
  };

  static override styles = [palette, shell, stage, log, transport, panels, story, views, code, widths].map((css) => unsafeCSS(css));

  // Declared only: a class field would hide the accessors that Lit makes.
  /** The name of a scenario, as `rabbitmq/hello`; without one, an empty world. */
  declare scenario?: string;
  /** A figure in a text: the picture, its sentence and the time line, without cards. */
  declare compact: boolean;
  /** `light` or `dark`; without it, what the reader prefers. */
  declare theme?: 'light' | 'dark';
  /** The event to begin at. */
  declare at?: number;
  /** Where a figure begins: an event, `fault` or `violation`. */
  declare start?: string;

  #store: Store | undefined;
  /** Whether a page gave the session. */
  #given = false;
  #measures: Measures = { width: 1440, plate: { width: 1022, height: 634 }, line: 860, compact: false };
  #watch = new ResizeObserver(() => this.#measure());
  #before = new Map<string, Point>();
  #drawn: Shown | undefined;
  /** What the last step moved, for those who want it still. */
  #stepped: Move[] = [];
  /** The slot of the stage that the keyboard is at. */
  #at: string | undefined;
  /** What is open over the player, and what had the focus before. */
  #opened: string | undefined;
  #unrest: (() => void) | undefined;
  /** Measurements since the last frame of the screen. */
  #settling = 0;
  #returns: HTMLElement | SVGElement | null = null;

  /** What is shown now; nothing before a session is opened. */
  get state() {
    return this.#store?.state;
  }

  /** Shows what a session answers, instead of a run of the named scenario. */
  async show(session: Session, source: Source): Promise<void> {
    this.#given = true;
    await this.#open(session, async () => source);
  }

  async #open(session: Session, source: () => Promise<Source>): Promise<void> {
    this.#store?.close();
    this.#store = new Store(session, () => this.requestUpdate());
    this.#store.state = { ...this.#store.state, language: languageOf(this.#language()), theme: this.theme };
    this.requestUpdate();
    await this.#store.open(source, this.at, this.start);
  }

  /** Opens the scenario named now. */
  #openNamed(): void {
    const { scenario = FIRST } = this;
    // A link to a run opens in the player that is the page; a figure shows its own scenario.
    const link = this.parentElement === document.body ? linkIn(location.hash) : undefined;
    const source = async () => (link === undefined ? { scenario: await loadScenario(scenario), name: scenario } : { link });
    void this.#open(new WorkerSession(), source);
  }

  /** Carries out an action, as a click or a key would. */
  act: (action: Action) => Promise<void> = async (action) => {
    if (action.do === 'theme') this.#prefer({ theme: this.#dark() ? 'light' : 'dark' });
    else if (action.do === 'language') this.#prefer({ language: this.#store?.state.language === 'zh' ? 'en' : 'zh' });
    else await this.#store?.act(action);
  };

  /** What a reader prefers holds for the page as well. */
  #prefer(change: { theme?: 'light' | 'dark'; language?: Language }): void {
    if (change.theme) this.theme = change.theme;
    if (change.language && this.#store) this.#store.language = change.language;
    this.dispatchEvent(new CustomEvent('prefer', { detail: change, bubbles: true, composed: true }));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch.observe(this);
    document.addEventListener('keydown', this.#pressed);
    this.addEventListener('wheel', this.#turned, { passive: true });
    this.#unrest = onLongPress(this, (target, x, y) => void this.#rested(target, { x, y }));
    // A session that is given at once, before the first update, is the only one.
    if (this.hasUpdated && !this.#given) this.#openNamed();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#watch.disconnect();
    document.removeEventListener('keydown', this.#pressed);
    this.removeEventListener('wheel', this.#turned);
    this.#unrest?.();
    this.#store?.close();
  }

  override render() {
    if (!this.#store) return html``;
    return main(this.#store.state, { ...this.#measures, compact: this.compact || this.#measures.compact, stepped: this.#stepped }, this.act);
  }

  protected override willUpdate(): void {
    this.#before = new Map([...tokens(this.renderRoot)].map(([id, token]) => [id, pointOf(token)]));
  }

  protected override updated(changed: PropertyValues): void {
    if ((changed.has('scenario') || !this.#store) && !this.#given) this.#openNamed();
    if (changed.has('theme') && this.theme) this.setAttribute('data-theme', this.theme);
    this.#measure();
    this.#tellMove();
    this.#animate();
    this.#focusWhatOpens();
    this.#placeMenu();
    this.#keepInSight();
    this.#rove();
  }

  #language(): string {
    return this.closest('[lang]')?.getAttribute('lang') ?? 'en';
  }

  #dark(): boolean {
    return this.theme ? this.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }

  /** Draws anew when the room for the picture or the time line has changed. */
  #measure(): void {
    const plate = this.renderRoot.querySelector('.plate')?.getBoundingClientRect();
    const line = this.renderRoot.querySelector('.scrub')?.getBoundingClientRect();
    const { width, height } = this.getBoundingClientRect();
    const was = this.#measures;
    const size = plate && plate.width > 0 ? { width: Math.floor(plate.width), height: Math.floor(plate.height) } : was.plate;
    const now = { plate: size, line: Math.floor(line?.width ?? 0) };
    const low = height < LOW;
    const same = was.compact === low && was.width === width && was.line === now.line && was.plate.width === size.width && was.plate.height === size.height;
    // A picture that makes its own room larger would be measured for ever.
    if (same || this.#settling > 3) return;
    if (this.#settling++ === 0) requestAnimationFrame(() => (this.#settling = 0));
    this.#measures = { ...was, width, compact: low, ...now };
    this.requestUpdate();
  }

  /** Says where it is, for a page that remembers. */
  #tellMove(): void {
    const { at, run, shown } = this.#store?.state ?? {};
    if (!shown || !run || shown === this.#drawn) return;
    this.dispatchEvent(new CustomEvent('moved', { detail: { at, total: run.total } }));
  }

  /** Moves what a step moved, once; not after a jump. For those who want it still, it is marked. */
  #animate(): void {
    const shown = this.#store?.state.shown;
    if (shown === this.#drawn) return;
    this.#drawn = shown;
    const way = this.#store?.state.moved;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const made = way ? this.#made(way) : [];
    if (!still && way) run(made, tokens(this.renderRoot), way);
    if (!still && this.#stepped.length === 0) return;
    this.#stepped = still && way === 'forward' ? made : [];
    this.requestUpdate();
  }

  /** From where to where the tokens went in the last step. */
  #made(way: 'forward' | 'back'): Move[] {
    const now = tokens(this.renderRoot);
    const starts = new Map(
      [...now].flatMap(([id, token]) => {
        const [x, y] = token.closest('[data-start]')?.getAttribute('data-start')?.split(' ').map(Number) ?? [];
        return x === undefined || y === undefined ? [] : [[id, { x, y }] as const];
      }),
    );
    const after = new Map([...now].map(([id, token]) => [id, pointOf(token)]));
    return moves(this.#before, after, way === 'forward' ? starts : new Map());
  }

  /** The lines that programs are at, the current line of the story, the selected row of the diagram. */
  #keepInSight(): void {
    for (const line of this.renderRoot.querySelectorAll<HTMLElement>('.src .cur:not(.more)')) {
      const pre = line.parentElement!;
      const top = line.offsetTop - pre.offsetTop;
      if (top < pre.scrollTop || top + 44 > pre.scrollTop + pre.clientHeight) pre.scrollTop = top - pre.clientHeight / 2;
    }
    const diagram = this.renderRoot.querySelector<HTMLElement>('.duo > .scroll');
    const row = Number(diagram?.querySelector('.rowband')?.getAttribute('y') ?? NaN);
    // Under the heads, and not at the very edge.
    if (diagram && (row + 110 > diagram.scrollTop + diagram.clientHeight || row - 40 < diagram.scrollTop)) {
      diagram.scrollTop = row - diagram.clientHeight / 2;
    }
    const list = this.renderRoot.querySelector<HTMLElement>('.story ol');
    const now = list?.querySelector<HTMLElement>('li.now');
    if (!list || !now) return;
    // Only the list is scrolled: `scrollIntoView` would move the page around a figure as well.
    const [top, height] = [now.offsetTop - list.offsetTop, now.offsetHeight];
    const below = top + height + 36 - list.clientHeight;
    if (below > list.scrollTop || top - 36 < list.scrollTop) list.scrollTop = Math.max(0, below);
  }

  /** One node of the stage can be reached with Tab: the one the keyboard was at. */
  #rove(): void {
    const nodes = this.#nodes();
    const here = nodes.find((node) => node.dataset.thing === this.#at) ?? nodes[0];
    for (const node of nodes) node.setAttribute('tabindex', node === here ? '0' : '-1');
  }

  #nodes(): SVGElement[] {
    return [...this.renderRoot.querySelectorAll<SVGElement>('svg.stage .node[data-thing]')];
  }

  #pressed = (event: KeyboardEvent): void => {
    const state = this.#store?.state;
    if (!state || !this.#isFor(event)) return;
    if (this.#trap(event)) return;
    const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
    const press = { key, shift: shiftKey, alt: altKey, control: ctrlKey || metaKey };
    const stroke = strokeOf(press, this.#focus(), { at: state.at, speed: state.speed, selected: state.selected });
    if (!stroke) return;
    event.preventDefault();
    if (stroke.do === 'move') this.#move(stroke.to);
    else if (stroke.do === 'item') this.#item(stroke.by);
    else void this.#from(stroke);
  };

  /** A player that is the page takes the keys that nothing else has; a figure only those given to it. */
  #isFor(event: KeyboardEvent): boolean {
    const page = this.parentElement === document.body && event.target === document.body;
    return page || event.composedPath().includes(this);
  }

  /** Keys that concern a node concern the one that has the focus. */
  async #from(action: Action): Promise<void> {
    const thing = this.#focused()?.dataset.thing;
    const concerned = action.do === 'why' || action.do === 'faults' || action.do === 'along' || action.do === 'panel';
    if (concerned && thing && thing !== this.#store?.state.selected) await this.#store?.act({ do: 'select', thing });
    await this.act(action.do === 'faults' ? { do: 'faults', at: this.#placeOfSelection() } : action);
  }

  /** Beside what is selected, for a menu that no pointer opened. */
  #placeOfSelection(): Point | undefined {
    const { selected, open } = this.#store?.state ?? {};
    if (selected === undefined || open) return undefined;
    const box = this.renderRoot.querySelector(`svg.stage [data-thing="${CSS.escape(selected)}"]`)?.getBoundingClientRect();
    return box ? { x: box.right + 8, y: box.top } : undefined;
  }

  /** Along the items of the menu, round its ends. */
  #item(by: 1 | -1): void {
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = items.indexOf(this.shadowRoot?.activeElement as HTMLElement);
    items[(at + by + items.length) % items.length]?.focus();
  }

  /** What opens takes the focus and keeps it; what closes gives it back. */
  #focusWhatOpens(): void {
    const open = this.#store?.state.open;
    const box = this.renderRoot.querySelector<HTMLElement>('.menu, .dialog > .card');
    if (open === this.#opened) return;
    if (open && !this.#opened) this.#returns = this.shadowRoot?.activeElement as HTMLElement | SVGElement | null;
    this.#opened = open;
    if (open) (box?.querySelector<HTMLElement>('[autofocus]') ?? box?.querySelector<HTMLElement>('button'))?.focus();
    else if (this.#returns?.isConnected) this.#returns.focus();
  }

  /** Puts the menu inside the player, wherever it was asked for. */
  #placeMenu(): void {
    const menu = this.renderRoot.querySelector<HTMLElement>('.menu');
    const at = this.#store?.state.menu;
    if (!menu || !at) return;
    const host = this.getBoundingClientRect();
    const within = (x: number, size: number, room: number) => Math.max(8, Math.min(x, room - size - 8));
    menu.style.left = `${within(at.x - host.left, menu.offsetWidth, host.width)}px`;
    menu.style.top = `${within(at.y - host.top, menu.offsetHeight, host.height)}px`;
  }

  /** Tab stays in what is open. */
  #trap(event: KeyboardEvent): boolean {
    const box = this.#store?.state.open ? this.renderRoot.querySelector('.menu, .dialog > .card') : null;
    if (event.key !== 'Tab' || !box) return false;
    const stops = [...box.querySelectorAll<HTMLElement>('button, input, a')];
    const at = stops.indexOf(this.shadowRoot?.activeElement as HTMLElement) + (event.shiftKey ? -1 : 1);
    stops[(at + stops.length) % stops.length]?.focus();
    event.preventDefault();
    return true;
  }

  #focused(): SVGElement | undefined {
    const active = this.shadowRoot?.activeElement;
    return active instanceof SVGElement ? active : undefined;
  }

  #focus(): Focus {
    const active = this.shadowRoot?.activeElement;
    if (active?.closest('svg.stage')) return 'stage';
    if (active?.closest('.menu')) return 'menu';
    if (active?.getAttribute('role') === 'slider') return 'timeline';
    if (active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement) return 'text';
    return active ? 'elsewhere' : 'nothing';
  }

  #move(to: Direction): void {
    const run = this.#store?.state.run;
    if (!run) return;
    const place = placeOf(run, this.#measures);
    const nodes = new Map(this.#nodes().map((node) => [node.dataset.thing!, node]));
    const boxes = new Map([...place.boxes].filter(([id]) => nodes.has(id)));
    const from = this.#focused()?.dataset.thing ?? this.#at ?? [...boxes.keys()][0];
    const next = from === undefined ? undefined : nearest(boxes, from, to);
    if (next === undefined) return;
    this.#at = next;
    this.#rove();
    nodes.get(next)?.focus();
  }

  /** A finger rests on a thing of the stage: its menu opens. */
  async #rested(target: Element, at: Point): Promise<void> {
    const thing = target.closest('svg.stage [data-thing]')?.getAttribute('data-thing');
    if (!thing) return;
    await this.act({ do: 'select', thing });
    await this.act({ do: 'faults', at });
  }

  /** The wheel over the time line steps. */
  #turned = (event: WheelEvent): void => {
    const over = event.composedPath().some((e) => e instanceof Element && e.classList.contains('scrub'));
    if (over && event.deltaY !== 0) void this.act({ do: 'step', by: event.deltaY > 0 ? 1 : -1 });
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'glass-player': GlassPlayer;
  }
}
