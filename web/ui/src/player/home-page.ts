// <glass-home>: the page that a visitor comes to first. Its pictures are frames of real runs.

import { LitElement, html, unsafeCSS, type TemplateResult } from 'lit';

import { definitions } from '../draw/marks';
import { preview } from '../draw/preview';
import type { Session } from '../engine/session';
import { WorkerSession } from '../engine/worker-session';
import { home, type Filter, type Walkthrough } from '../panels/home';
import type { Run } from '../scene';
import homeCss from '../style/home.css?inline';
import log from '../style/log.css?inline';
import panels from '../style/panels.css?inline';
import shell from '../style/shell.css?inline';
import stage from '../style/stage.css?inline';
import palette from '../style/tokens.css?inline';
import { sayer, type Language } from '../text/strings';
import { library } from './library';
import { keep, kept, progress } from './progress';
import { loadScenario } from './scenario';

export class GlassHome extends LitElement {
  static override properties = {
    language: { type: String },
    theme: { type: String },
  };
  static override styles = [palette, shell, stage, log, panels, homeCss].map((css) => unsafeCSS(css));

  declare language: Language;
  declare theme?: 'light' | 'dark';

  #filter: Filter = { text: '' };
  #previews = new Map<string, TemplateResult<2>[]>();
  /** The card that is looked at, and which of its frames is shown. */
  #looked: { scenario: string; frame: number; timer: ReturnType<typeof setInterval> } | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#look(undefined);
  }

  override render() {
    const say = sayer(this.language);
    const all = library(this.language);
    const mine = kept();
    const last = all.find((w) => w.scenario === mine.last);
    const [at, total] = mine.at[mine.last ?? ''] ?? [0, 0];
    const of = {
      all,
      filter: this.#filter,
      progress: (scenario: string) => progress(mine, scenario),
      last: last && at > 0 ? { of: last, at, total } : undefined,
      preview: (scenario: string) => {
        const frames = this.#previews.get(scenario);
        return this.#looked?.scenario === scenario ? frames?.[this.#looked.frame % frames.length] : frames?.at(-1);
      },
    };
    return html`<svg class="defs" aria-hidden="true">${definitions()}</svg>${home(of, say, {
      filter: (change) => {
        this.#filter = { ...this.#filter, ...change };
        this.requestUpdate();
      },
      look: (scenario) => this.#look(scenario),
      theme: () => this.#prefer({ theme: this.#dark() ? 'light' : 'dark' }),
      language: () => this.#prefer({ language: this.language === 'en' ? 'zh' : 'en' }),
    })}`;
  }

  protected override updated(): void {
    if (this.theme) this.setAttribute('data-theme', this.theme);
  }

  #prefer(change: { language?: Language; theme?: 'light' | 'dark' }): void {
    keep(change);
    if (change.language) this.language = change.language;
    if (change.theme) this.theme = change.theme;
    this.dispatchEvent(new CustomEvent('prefer', { detail: change, bubbles: true, composed: true }));
  }

  #dark(): boolean {
    return this.theme ? this.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  }

  /** A card that is pointed at goes through its frames, for those who want things to move. */
  #look(scenario: string | undefined): void {
    clearInterval(this.#looked?.timer);
    this.#looked = undefined;
    if (scenario !== undefined && !matchMedia('(prefers-reduced-motion: reduce)').matches) {
      const next = () => {
        this.#looked!.frame++;
        this.requestUpdate();
      };
      this.#looked = { scenario, frame: 0, timer: setInterval(next, BEAT) };
    }
    this.requestUpdate();
  }

  /** One run after the other, so that the first picture does not wait for the last. */
  async #draw(): Promise<void> {
    for (const of of library('en')) {
      if (!this.isConnected) return;
      try {
        this.#previews.set(of.scenario, await stills(of));
      } catch {
        // A card without a picture says in words what it is; the player says what is wrong.
      }
      this.requestUpdate();
    }
  }
}

/** Between two frames of a card that is pointed at, in ms. */
const BEAT = 900;
/** How far a run was played that is over. */
const WHOLE = 1_000_000;

/** Three frames, of which the last is the most telling one. */
async function stills(of: Walkthrough): Promise<TemplateResult<2>[]> {
  const session: Session = new WorkerSession();
  const say = sayer('en');
  try {
    let { run } = await session.open({ scenario: await loadScenario(of.scenario), name: of.scenario }, say);
    while (run.played !== undefined && run.played < WHOLE) run = (await session.goOn(run.total, say)).run ?? run;
    const at = telling(run);
    const before = [...run.hops, ...run.interesting].filter((n) => n < at).sort((a, b) => a - b);
    const frames: TemplateResult<2>[] = [];
    for (const n of [...before.slice(-2), at]) {
      const { scene } = await session.frame(n, say);
      frames.push(preview(run.topology, scene, run.checks.some((c) => c.at !== undefined && c.at <= n)));
    }
    return frames;
  } finally {
    session.close();
  }
}

/** The first violation; without one, the middle of what moves. */
function telling(run: Run): number {
  const broken = run.checks.flatMap((c) => (c.is === 'breaks' && c.at !== undefined ? [c.at] : []));
  if (broken.length > 0) return Math.min(...broken);
  return run.hops[Math.floor(run.hops.length / 2)] ?? Math.floor(run.total / 2);
}
