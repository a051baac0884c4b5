// <glass-player>: one run of one scenario, stepped by hand.

import { LitElement, css, html, unsafeCSS } from 'lit';

import { engine } from '../engine/engine';
import type { Opened, View } from '../engine/protocol';
import tokens from '../style/tokens.css?inline';
import { loadScenario } from './scenario';

export class GlassPlayer extends LitElement {
  static override properties = {
    scenario: { type: String },
    opened: { state: true },
    view: { state: true },
    error: { state: true },
  };

  static override styles = [
    unsafeCSS(tokens),
    css`
      :host {
        display: block;
        padding: var(--s-4);
        border: 1px solid var(--edge-soft);
        border-radius: var(--r-3);
        background: var(--stage);
        color: var(--ink);
        font: var(--t-2) / var(--lh) var(--sans);
        font-variant-numeric: tabular-nums;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: var(--s-3);
      }
      output {
        font: 680 var(--t-5) / var(--lh-tight) var(--mono);
      }
      .engine {
        margin-left: auto;
        color: var(--ink-3);
        font-size: var(--t-1);
      }
      button {
        min-height: 36px;
        padding: 0 var(--s-4);
        border: 1px solid var(--edge);
        border-radius: var(--r-2);
        background: var(--surface);
        color: var(--ink);
        font: inherit;
      }
      button:focus-visible {
        outline: 2px solid var(--focus);
        outline-offset: 2px;
        box-shadow: 0 0 0 2px var(--focus-gap);
      }
      @media (pointer: coarse) {
        button {
          min-height: var(--touch);
        }
      }
      [role='alert'] {
        margin: 0;
        color: var(--fault-ink);
      }
    `,
  ];

  // Declared only: a class field would hide the accessors that Lit makes.
  /** The name of a scenario, as `rabbitmq/hello`; without one, an empty world. */
  declare scenario?: string;
  declare opened?: Opened;
  declare view?: View;
  declare error?: string;

  /** The opening that counts; another one is late. */
  #opening?: { scenario: string | undefined } | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#close();
  }

  protected override updated(): void {
    if (!this.isConnected) return;
    if (!this.#opening || this.#opening.scenario !== this.scenario) void this.#open();
  }

  /** Takes one step. */
  async step(): Promise<void> {
    const { opened } = this;
    if (!opened) return;
    this.view = await engine().call('step', { session: opened.session });
  }

  override render() {
    if (this.error) return html`<p role="alert">${this.error}</p>`;
    if (!this.opened || !this.view) return html`<p>Loading</p>`;
    return html`
      <div class="bar">
        <output aria-live="polite">step ${this.view.step}</output>
        <button type="button" @click=${() => this.step()}>Step</button>
        <span class="engine">engine ${this.opened.engine}</span>
      </div>
    `;
  }

  /** Opens the scenario named now. */
  async #open(): Promise<void> {
    this.#close();
    const opening = { scenario: this.scenario };
    this.#opening = opening;
    try {
      const scenario = await loadScenario(opening.scenario);
      const opened = await engine().call('open', { scenario });
      if (this.#opening === opening) Object.assign(this, { opened, view: opened.view });
      else await engine().call('close', { session: opened.session });
    } catch (error) {
      if (this.#opening === opening) this.error = error instanceof Error ? error.message : `${error}`;
    }
  }

  #close(): void {
    if (this.opened) void engine().call('close', { session: this.opened.session });
    this.#opening = undefined;
    Object.assign(this, { opened: undefined, view: undefined, error: undefined });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'glass-player': GlassPlayer;
  }
}
