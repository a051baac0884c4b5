// The time line: track, flags and violations above it, forks below.

import { html, nothing, svg, type TemplateResult } from 'lit';

import { octagon } from '../draw/marks';
import { fit, plain, widthOf } from '../draw/text';
import type { Check, Event, Flag, Fork } from '../scene';
import type { Say } from '../text/strings';
import type { Act } from './actions';
import { seconds } from './time';

export interface TimeLine {
  total: number;
  /** The last event that is known, while the run goes on. */
  known?: number | undefined;
  at: number;
  interesting: number[];
  flags: Flag[];
  checks: Check[];
  forks: Fork[];
  /** How many forks were scrolled past: the newest come first. */
  past: number;
  /** What is shown now. */
  event: Event;
}

const TRACK = 46;
const HEIGHT = 124;
const LEFT = 86;
/** More forks than this are not drawn below each other, but scrolled to. */
const ROWS = 2;

/** The forks that have a row, the newest first, and how many have none. */
export function rowsOf({ forks, past }: Pick<TimeLine, 'forks' | 'past'>): { forks: Fork[]; hidden: number } {
  const newest = [...forks].reverse();
  const from = newest.length > ROWS ? past % newest.length : 0;
  return { forks: [...newest.slice(from), ...newest.slice(0, from)].slice(0, ROWS), hidden: Math.max(0, newest.length - ROWS) };
}

function more(hidden: number, say: Say, act: Act): TemplateResult<2> {
  const name = say('moreForks', { n: hidden });
  return svg`<g class="fork" tabindex="0" role="button" aria-label=${name} @click=${() => act({ do: 'past' })}><rect x="0" y=${TRACK + 13} width="34" height="18" rx="4" class="chipbg" />
    <text x="17" y=${TRACK + 26} class="sl b mid">+${hidden}</text><title>${name}</title></g>`;
}

/** The time line in a width, in px. */
export function scrub(of: TimeLine, width: number, say: Say, act: Act): TemplateResult {
  const right = width - 14;
  const x = (n: number) => LEFT + ((right - LEFT) * n) / Math.max(1, of.total);
  const { forks, hidden } = rowsOf(of);
  const bottom = TRACK + 42 + Math.max(0, forks.length - 1) * 20 + 8;
  return html`<svg width=${width} height=${HEIGHT} viewBox="0 0 ${width} ${HEIGHT}">
    <text x="0" y=${TRACK + 4} class="sl b">${say('thisRun')}</text>
    ${ticks(of.total, (right - LEFT) / 110).map((n) => svg`<path d="M${x(n)} ${TRACK + 8}v4" class="stick" />${
      forks.length > 0 && forks.some((f) => Math.abs(x(f.at) - x(n)) < 16) ? nothing : svg`<text x=${x(n)} y=${TRACK + 25} class="st mid">${n}</text>`
    }`)}
    ${track(of, x, right, say, act, 8)}
    ${marks(of, x, right, say, act)}
    ${forks.map((fork, i) => forkRow(fork, i, x, width, say, act))}
    ${hidden > 0 ? more(hidden, say, act) : nothing}
    <path d="M${x(of.at)} ${TRACK - 12}V${bottom}" class="curl" />
    <path d="M${x(of.at) - 8} ${TRACK - 13}h16v11l-8 8-8-8z" class="curh" />
    <path d="M${x(of.at) - 2.5} ${TRACK - 9}v6M${x(of.at) + 2.5} ${TRACK - 9}v6" class="curg" />
  </svg>`;
}

/** The time line of a phone: 46 high, without words. */
export function smallScrub(of: TimeLine, width: number, say: Say, act: Act): TemplateResult {
  const [left, right] = [12, width - 12];
  const x = (n: number) => left + ((right - left) * n) / Math.max(1, of.total);
  return html`<svg width=${width} height="46" viewBox="0 0 ${width} 46">
    ${svg`<g transform="translate(0 ${30 - TRACK})">${track(of, x, right, say, act, 22)}</g>`}
    ${of.flags.map(({ n, text }) => svg`<g class="flag" tabindex="0" role="button" aria-label=${say('nameFlag', { n, text })}
      @click=${() => act({ do: 'seek', to: n })}><path d="M${x(n)} 26V6" class="fp" /><path d="M${x(n)} 6h10l-3.5 5 3.5 5h-10z" class="ff" /></g>`)}
    ${of.forks.map((f) => svg`<path d="M${x(f.at)} 34q0 8 7 8H${x(f.end)}" class="frk" /><circle cx=${x(f.at)} cy="30" r="4" class="frkn" />`)}
    ${violations(of).map(({ n, text }) => svg`<g class="viol" tabindex="0" role="button" aria-label=${say('nameViolation', { n, text })}
      @click=${() => act({ do: 'seek', to: n })}><path d="M${x(n)} 26V14" class="fp" />${octagon(x(n), 10, 9, n <= of.at)}</g>`)}
    <circle cx=${x(of.at)} cy="30" r="11" class="curh" /><path d="M${x(of.at) - 2.5} 26v8M${x(of.at) + 2.5} 26v8" class="curg" />
  </svg>`;
}

function violations(of: TimeLine): { n: number; text: string }[] {
  return of.checks.flatMap((c) => (c.is === 'breaks' && c.at !== undefined ? [{ n: c.at, text: c.text ?? c.name }] : []));
}

function track(of: TimeLine, x: (n: number) => number, right: number, say: Say, act: Act, reach: number): TemplateResult<2> {
  const left = x(0);
  const to = (event: PointerEvent) => {
    const line = event.currentTarget as SVGGraphicsElement;
    const box = line.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    act({ do: 'seek', to: Math.round(share * of.total) });
  };
  const says = say('nameScrub', {
    n: of.at,
    total: of.total,
    time: seconds(of.event.at),
    says: plain(of.event.says),
  });
  return svg`<rect x=${left} y=${TRACK - 4} width=${right - left} height="8" rx="4" class="trk" />
    ${of.known !== undefined && of.known < of.total ? svg`<path d="M${x(of.known)} ${TRACK}H${right}" class="ahead" />` : nothing}
    <rect x=${left} y=${TRACK - 4} width=${Math.max(0, x(of.at) - left)} height="8" rx="4" class="trkd" />
    ${apart(of.interesting, x).map((n) => svg`<path d="M${x(n)} ${TRACK - 4}v8" class="smark ${n <= of.at ? 'past' : ''}" />`)}
    <rect class="track" x=${left} y=${TRACK - reach} width=${right - left} height=${2 * reach} fill="transparent"
      role="slider" tabindex="0" aria-label=${say('timeline')} aria-valuemin="0" aria-valuemax=${of.total}
      aria-valuenow=${of.at} aria-valuetext=${says}
      @pointerdown=${(e: PointerEvent) => {
        (e.currentTarget as Element).setPointerCapture(e.pointerId);
        to(e);
      }}
      @pointermove=${(e: PointerEvent) => e.buttons === 1 && to(e)} />`;
}

/** Ticks nearer than this are a comb that says nothing, in px. */
const APART = 9;

/** Of the events worth stopping at, those whose ticks can be told from each other. */
function apart(all: number[], x: (n: number) => number): number[] {
  let last = -Infinity;
  const shown = all.filter((n) => {
    if (x(n) - last < APART) return false;
    last = x(n);
    return true;
  });
  const first = all[0] ?? 0;
  const room = (x(all.at(-1) ?? 0) - x(first)) / APART;
  return shown.length > room * 0.45 && shown.length > 12 ? [] : shown;
}

/** Room for what a flag says, in px. */
const WORDS = 260;

/** Flags and violations. Words that would cover each other yield, from right to left. */
function marks(of: TimeLine, x: (n: number) => number, right: number, say: Say, act: Act): TemplateResult<2> {
  const all = [
    ...of.flags.map((f) => ({ ...f, text: fit(f.text, WORDS, 12), fault: true })),
    ...violations(of).map((v) => ({ ...v, text: fit(v.text, WORDS, 12), fault: false })),
  ].sort((a, b) => a.n - b.n);
  const taken: [number, number][] = all.map(({ n, fault }) => [x(n) - 9, x(n) + (fault ? 11 : 12)]);
  // Violations have their words first; flags share what is left.
  const shown = new Map<number, { text: string; at: number | undefined }>();
  for (const [i, { n, text, fault }] of [...all.entries()].sort(([, a], [, b]) => Number(a.fault) - Number(b.fault))) {
    shown.set(i, place(i, n, text, fault));
  }
  function place(i: number, n: number, text: string, fault: boolean) {
    const from = x(n) + (fault ? 13 : 14);
    const wide = widthOf(text, 12);
    // After it if there is room, else before it.
    for (const [a, b] of [
      [from, from + wide],
      [x(n) - 13 - wide, x(n) - 13],
    ] as const) {
      const free = b < right + 12 && a > LEFT && taken.every(([c, d], j) => j === i || b < c - 4 || a > d + 4);
      if (!free) continue;
      taken.push([a, b]);
      return { text, at: a };
    }
    return { text, at: undefined };
  }
  return svg`${all.map(({ n, fault }, i) => {
    const { text, at } = shown.get(i)!;
    const hidden = at === undefined;
    const where = at ?? Math.min(x(n) + 13, right - widthOf(text, 12));
    const words = svg`<text x=${where} y="21" class="st ft ${fault ? '' : 'strong'} ${hidden ? 'hidden' : ''}">${text}</text>`;
    const go = () => act({ do: 'seek', to: n });
    return fault
      ? svg`<g class="flag" tabindex="0" role="button" aria-label=${say('nameFlag', { n, text })} @click=${go}><path
          d="M${x(n)} ${TRACK - 4}V12" class="fp" /><path d="M${x(n)} 12h9l-3 5 3 5h-9z" class="ff" />${words}</g>`
      : svg`<g class="viol" tabindex="0" role="button" aria-label=${say('nameViolation', { n, text })} @click=${go}><path
          d="M${x(n)} ${TRACK - 4}V24" class="fp" />${octagon(x(n), 17, 9, n <= of.at)}${words}</g>`;
  })}`;
}

function forkRow(of: Fork, i: number, x: (n: number) => number, width: number, say: Say, act: Act): TemplateResult<2> {
  const y = TRACK + 42 + i * 20;
  // What it came to is short: there is room for it whole.
  const end = Math.min(x(of.end), width - 62 - Math.min(160, widthOf(of.outcome, 12)));
  const outcome = fit(of.outcome, width - end - 48, 12);
  const ne = Math.min(width - 14, end + 26 + widthOf(outcome, 12));
  const name = say('nameFork', { name: of.name, n: of.at, outcome: of.outcome });
  return svg`<g class="fork" tabindex="0" role="button" aria-label=${name} @click=${() => act({ do: 'open-fork', id: of.id })}>
    <text x="0" y=${y + 4} class="sl">${fit(of.name, LEFT - 8, 12)}</text>
    <path d="M${x(of.at)} ${TRACK + 4}V${y - 6}q0 6 6 6H${end}" class="frk" />
    <circle cx=${x(of.at)} cy=${TRACK} r="3.5" class="frkn" /><circle cx=${end} cy=${y} r="3" class="frke" />
    <text x=${end + 9} y=${y + 4} class="st ${of.bad ? 'ft' : ''}">${outcome}</text></g>
    <g class="fork beside" tabindex="0" role="button" aria-label=${say('compareWith', { name: of.name })} @click=${() => act({ do: 'compare', id: of.id })}><rect
      x=${ne - 11} y=${y - 9} width="22" height="18" rx="4" class="chipbg" />${svg`<text x=${ne} y=${y + 4} class="sl b mid">≠</text>`}</g>`;
}

/** Round numbers from 0, at most as many as asked for. */
export function ticks(total: number, most: number): number[] {
  if (total <= 0) return [0];
  const size = 10 ** Math.max(0, Math.floor(Math.log10(total / Math.max(1, most))));
  const pitch = [1, 2, 5, 10].map((k) => k * size).find((p) => total / p <= most) ?? 10 * size;
  return Array.from({ length: Math.floor(total / pitch) + 1 }, (_, i) => i * pitch);
}
