// The bar at the bottom: buttons, the number and the time of the event, the time line.

import { html, nothing, type TemplateResult } from 'lit';

import { icon, type IconName } from '../draw/icons';
import type { Key, Say } from '../text/strings';
import type { Act, Action } from './actions';
import { scrub, smallScrub, type TimeLine } from './scrub';
import { clock } from './time';

export interface Transport {
  line: TimeLine;
  playing: boolean;
  speed: number;
  unit: 'event' | 'hop';
  /** Width for the time line. */
  width: number;
  narrow: boolean;
  /** How far the engine has run, while it has not run all. */
  running?: number | undefined;
}

export const SPEEDS = [0.5, 1, 4, 16];

const BUTTONS: { icon: IconName; says: Key; action: Action; kind: string; wide: boolean }[] = [
  { icon: 'start', says: 'first', action: { do: 'first' }, kind: '', wide: true },
  { icon: 'previous', says: 'previous', action: { do: 'interesting', by: -1 }, kind: '', wide: false },
  { icon: 'back', says: 'back', action: { do: 'step', by: -1 }, kind: 'step', wide: false },
  { icon: 'play', says: 'play', action: { do: 'play' }, kind: 'main-play', wide: false },
  { icon: 'step', says: 'step', action: { do: 'step', by: 1 }, kind: 'step', wide: false },
  { icon: 'next', says: 'next', action: { do: 'interesting', by: 1 }, kind: '', wide: false },
  { icon: 'end', says: 'last', action: { do: 'last' }, kind: '', wide: true },
];

export function transport(of: Transport, say: Say, act: Act): TemplateResult {
  return of.narrow ? small(of, say, act) : large(of, say, act);
}

function large(of: Transport, say: Say, act: Act): TemplateResult {
  return html`<footer class="time">
    <div class="ctl">
      ${buttons(of, say, act)}
      <div class="sub">
        <div class="seg" role="group" aria-label=${say('speed')}>
          ${SPEEDS.slice(0, 3).map((s) => html`<button class=${s === of.speed ? 'on' : ''} aria-pressed=${s === of.speed}
            @click=${() => act({ do: 'speed', to: s })}>${speed(s)}</button>`)}
        </div>
        <div class="seg" role="group" aria-label=${say('unit')}>
          ${(['event', 'hop'] as const).map((unit) => html`<button class=${unit === of.unit ? 'on' : ''}
            aria-pressed=${unit === of.unit} @click=${() => act({ do: 'unit', to: unit })}>${say(unit)}</button>`)}
        </div>
        <button class="btn sm" @click=${() => act({ do: 'fork', at: of.line.at, change: { is: 'none' } })}>${icon('fork', 17)}${say('fork')}</button>
      </div>
    </div>
    <div class="readout">
      <span class="eyebrow">${say('event')}</span>
      <span class="big">${of.line.at}<small> / ${of.line.total}</small></span>
      <span class="vt">${clock(of.line.event.at)}</span>
      ${running(of, say)}
    </div>
    <div class="scrub">${scrub(of.line, Math.max(320, of.width), say, act)}</div>
  </footer>`;
}

function small(of: Transport, say: Say, act: Act): TemplateResult {
  const faster = SPEEDS[(SPEEDS.indexOf(of.speed) + 1) % SPEEDS.length]!;
  return html`<footer class="time">
    <div class="small-read row">
      <span class="big">${of.line.at}</span><span class="mono quiet">/ ${of.line.total}</span><span class="grow"></span>
      <span class="mono">${clock(of.line.event.at)}</span>
      <button class="btn" aria-label="${say('speed')} ${speed(of.speed)}" @click=${() => act({ do: 'speed', to: faster })}>${speed(of.speed)}</button>
    </div>
    <div class="scrub">${smallScrub(of.line, Math.max(240, of.width), say, act)}</div>
    ${buttons(of, say, act)}
  </footer>`;
}

function buttons(of: Transport, say: Say, act: Act): TemplateResult {
  const shown = BUTTONS.filter((button) => button.wide ? !of.narrow : true);
  return html`<div class="btns" role="group" aria-label=${say('transport')}>
    ${shown.map(({ icon: name, says, action, kind }) => {
      const playing = name === 'play' && of.playing;
      return html`<button class="tb ${kind}" aria-label=${say(playing ? 'pause' : says)} @click=${() => act(action)}>${icon(playing ? 'pause' : name)}</button>`;
    })}
  </div>`;
}

/** How far the run is, once it takes long enough to be noticed. */
function running(of: Transport, say: Say): TemplateResult | typeof nothing {
  if (of.running === undefined) return nothing;
  const share = of.line.total === 0 ? 0 : of.running / of.line.total;
  return html`<span class="eyebrow">${say('running', { n: of.running })}</span><span class="load"><i style="width:${share * 100}%"></i></span>`;
}

/** `½×`, `4×`. */
export function speed(of: number): string {
  return `${of === 0.5 ? '½' : of}×`;
}
