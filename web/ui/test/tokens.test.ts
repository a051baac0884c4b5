// WCAG 2.2 contrast (success criteria 1.4.3 and 1.4.11) of every pair of tokens that meets.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

type Theme = Record<string, string>;

const css = readFileSync('src/style/tokens.css', 'utf8');

/** The colours of the block that starts with a selector. */
function theme(selector: string): Theme {
  const from = css.indexOf(selector);
  const block = css.slice(css.indexOf('{', from), css.indexOf('}', from));
  const pairs = [...block.matchAll(/--([\w-]+): (#[0-9A-F]{6});/g)];
  return Object.fromEntries(pairs.map(([, name, colour]) => [name, colour]));
}

const themes = {
  light: theme(':root,'),
  dark: theme(':root[data-theme="dark"]'),
  'dark by preference': theme(':root:not([data-theme="light"])'),
};

/** WCAG's relative luminance. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ['page', 'surface', 'stage', 'sunk', 'lane'];
const MEANINGS = ['ok', 'wait', 'fault', 'path'];

/** What is written on what. */
const TEXTS = [
  ...['ink', 'ink-2', 'ink-3', ...MEANINGS.map((m) => `${m}-ink`)].flatMap((text) =>
    GROUNDS.map((ground) => [text, ground] as const),
  ),
  ...MEANINGS.flatMap((m) => [
    [`${m}-ink`, `${m}-wash`] as const,
    [`on-${m}`, `${m}-fill`] as const,
    ['ink', `${m}-wash`] as const,
    ['ink-2', `${m}-wash`] as const,
  ]),
  ['ink-3', 'path-wash'] as const,
  ['surface', 'ink'] as const,
];

/** What is drawn on what. */
const GRAPHICS = [
  ...['edge', ...MEANINGS].flatMap((line) => GROUNDS.map((ground) => [line, ground] as const)),
  ...MEANINGS.map((m) => [m, `${m}-wash`] as const),
  ['focus', 'page'] as const,
  ['focus', 'surface'] as const,
];

describe.each(Object.entries(themes))('%s', (_, colours) => {
  const of = (name: string) => colours[name] ?? expect.fail(`no token --${name}`);

  test.each(TEXTS)('%s is read on %s', (text, ground) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(GRAPHICS)('%s is seen on %s', (line, ground) => {
    expect(contrast(of(line), of(ground))).toBeGreaterThanOrEqual(3);
  });
});

test('the preferred and the chosen dark theme are one', () => {
  expect(themes['dark by preference']).toEqual(themes.dark);
});
