// Icons of 20 x 20 and the mark. They take the colour of the text around them.

import { html, svg, type TemplateResult } from 'lit';

const PATHS = {
  start: 'M5 4v12M16 4 7.5 10 16 16Z',
  previous: 'M10 5 4 10l6 5zM17 5l-6 5 6 5z',
  back: 'M14 4 6.5 10 14 16Z',
  play: 'M6 3.8 16.2 10 6 16.2Z',
  pause: 'M6.5 4h2.6v12H6.5ZM11.4 4H14v12h-2.6Z',
  step: 'M6 4l7.5 6L6 16Z',
  next: 'M10 5l6 5-6 5zM3 5l6 5-6 5z',
  end: 'M15 4v12M4 4l8.5 6L4 16Z',
  fork: 'M6 3.5v13M6 11c0-4 8-2 8-6.5',
  share: 'M13.5 6.5 7 9.5m0 2 6.5 3',
  theme:
    'M10 6.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6M10 1.8v2M10 16.2v2M1.8 10h2M16.2 10h2M4.2 4.2l1.4 1.4M14.4 14.4l1.4 1.4M15.8 4.2l-1.4 1.4M5.6 14.4l-1.4 1.4',
  help: 'M7.6 7.6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.2.9-1.2 1.9M10 14.4v.2',
  close: 'M5 5l10 10M15 5 5 15',
  search: 'M8.8 3.5a5.3 5.3 0 1 0 0 10.6 5.3 5.3 0 0 0 0-10.6M12.8 12.8l4 4',
  check: 'M4 10.5 8.2 15 16 5.5',
  plus: 'M10 4v12M4 10h12',
} as const;

export type IconName = keyof typeof PATHS;

/** Circles that some icons have besides their lines: x, y, radius. */
const DOTS: Partial<Record<IconName, [number, number, number][]>> = {
  share: [
    [15, 5.8, 2.3],
    [5.5, 10.5, 2.3],
    [15, 15.2, 2.3],
  ],
  fork: [
    [6, 3.8, 1.8],
    [6, 16.2, 1.8],
    [14, 3.8, 1.8],
  ],
  help: [[10, 10, 7.5]],
};

const SOLID: IconName[] = ['start', 'previous', 'back', 'play', 'pause', 'step', 'next', 'end'];

export function icon(name: IconName, size = 20): TemplateResult {
  return html`<svg class="ic ${SOLID.includes(name) ? 'ic-play' : ''}" width=${size} height=${size} viewBox="0 0 20 20" aria-hidden="true">
    <path d=${PATHS[name]} />${(DOTS[name] ?? []).map(([x, y, r]) => svg`<circle cx=${x} cy=${y} r=${r} />`)}</svg>`;
}

/** A queue under a lens. */
export function mark(size = 28): TemplateResult {
  return html`<svg class="mark" width=${size} height=${size} viewBox="0 0 28 28" aria-hidden="true">
    <path d="M0 10.5h6.2M0 17.5h6.2M21.8 10.5H28M21.8 17.5H28" class="mk-l" />
    <circle cx="14" cy="14" r="10.2" class="mk-r" />
    <rect x="9.6" y="10.2" width="8.8" height="7.6" rx="2" class="mk-t" /></svg>`;
}
