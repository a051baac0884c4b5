// The home page: one sentence, then a card for each walkthrough.

import { html, nothing, svg, type TemplateResult } from 'lit';

import { icon, mark } from '../draw/icons';
import type { Key, Say } from '../text/strings';

/** What a scenario has in it that a reader may look for. */
export type Topic = Extract<Key, `topic${string}`>;

export interface Walkthrough {
  /** Its scenario: `rabbitmq/hello`. */
  scenario: string;
  family: 'rabbitmq' | 'kafka' | 'together';
  title: string;
  about: string;
  level: 1 | 2 | 3;
  topics: Topic[];
  /** `breaks`: it shows an anomaly. */
  state?: 'breaks' | undefined;
}

/** What is chosen of each kind; nothing: all. */
export interface Filter {
  family?: Walkthrough['family'] | undefined;
  topic?: Topic | undefined;
  level?: Walkthrough['level'] | undefined;
  text: string;
}

export interface Home {
  all: Walkthrough[];
  filter: Filter;
  /** How far the reader came in each: `done`, `14/25`. */
  progress: (scenario: string) => string | undefined;
  /** The one looked at last, and the event reached. */
  last?: { of: Walkthrough; at: number; total: number } | undefined;
  /** The stage's own drawing of its most telling frame, 320 x 118. */
  preview: (scenario: string) => TemplateResult<2> | undefined;
}

/** What the home page can do. */
export interface HomeActs {
  filter: (change: Partial<Filter>) => void;
  /** A card is pointed at, or none any more. */
  look: (scenario: string | undefined) => void;
  theme: () => void;
  language: () => void;
}

const LEVELS: Record<1 | 2 | 3, Key> = { 1: 'level1', 2: 'level2', 3: 'level3' };
const FAMILIES = { rabbitmq: 'RabbitMQ', kafka: 'Kafka' };

/** Those that a filter leaves. */
export function filtered(all: Walkthrough[], by: Filter): Walkthrough[] {
  const text = by.text.toLocaleLowerCase();
  return all.filter(
    (w) =>
      (by.family === undefined || w.family === by.family) &&
      (by.topic === undefined || w.topics.includes(by.topic)) &&
      (by.level === undefined || w.level === by.level) &&
      (text === '' || `${w.title} ${w.about} ${w.scenario}`.toLocaleLowerCase().includes(text)),
  );
}

export function home(of: Home, say: Say, act: HomeActs): TemplateResult {
  const shown = filtered(of.all, of.filter);
  return html`<div class="home">
    ${top(of, say, act)}
    <main class="wrap">
      <section class="hero"><div class="say"><h1>${say('homeTitle')}</h1><p>${say('homeSays')}</p></div>${start(of, say)}</section>
      ${filters(of, say, act)}
      <div class="grid">${shown.map((w) => card(w, of, say, act))}</div>
      ${shown.length === 0 ? html`<p class="quiet" role="status">${say('nothingLeft')}</p>` : nothing}
    </main></div>`;
}

function top(of: Home, say: Say, act: HomeActs): TemplateResult {
  const typed = (e: InputEvent) => act.filter({ text: (e.target as HTMLInputElement).value.trim() });
  return html`<header class="top"><a class="brand" href="./" aria-label=${say('home')}>${mark()}<span class="wm">Glass<b>MQ</b></span></a>
    <nav class="row" aria-label="GlassMQ"><a class="tool text" aria-current="page" href="./">${say('walkthroughs')}</a><a class="tool text" href="book/">${say('book')}</a></nav>
    <span class="grow"></span>
    <label class="seek">${icon('search', 18)}<input type="search" aria-label=${say('searchHome')} placeholder=${say('searchHome')} .value=${of.filter.text} @input=${typed} /></label>
    <button class="tool text" lang=${say.language === 'en' ? 'zh' : 'en'} @click=${act.language}>${say('otherLanguage')}</button>
    <button class="tool" aria-label=${say('theme')} @click=${act.theme}>${icon('theme')}</button></header>`;
}

/** Where to go on, or where to begin. */
function start(of: Home, say: Say): TemplateResult | typeof nothing {
  const first = of.all[0];
  const to = of.last?.of ?? first;
  if (!to) return nothing;
  const { at, total } = of.last ?? { at: 0, total: 0 };
  return html`<article class="card cont"><div class="pv">${picture(of.preview(to.scenario))}</div><div class="tx">
    <span class="eyebrow">${say(of.last ? 'continue' : 'begin')}</span><h2>${to.title}</h2>
    ${of.last ? html`<div class="bar" role="img" aria-label="${at} / ${total}"><i style="width:${(100 * at) / Math.max(1, total)}%"></i></div>` : html`<p>${to.about}</p>`}
    <a class="btn pri" href=${address(to.scenario, at)}>${of.last ? say('continueAt', { n: at }) : say('beginHere')}</a></div></article>`;
}

function address(scenario: string, at = 0): string {
  return `?scenario=${scenario}${at > 0 ? `&at=${at}` : ''}`;
}

function filters(of: Home, say: Say, act: HomeActs): TemplateResult {
  const { all, filter } = of;
  const name = (family: Walkthrough['family']) => (family === 'together' ? say('together') : FAMILIES[family]);
  const families = [...new Set(all.map((w) => w.family))];
  const topics = [...new Set(all.flatMap((w) => w.topics))];
  const levels = [...new Set(all.map((w) => w.level))].sort();
  const chip = (on: boolean, text: string, to: Partial<Filter>, count?: number, more: TemplateResult | typeof nothing = nothing) => html`<button
    class="fl ${on ? 'on' : ''}" aria-pressed=${on} @click=${() => act.filter(to)}>${more}${text}${count === undefined ? nothing : html`<span>${count}</span>`}</button>`;
  const none = filter.family === undefined && filter.topic === undefined && filter.level === undefined;
  // A chip that is on lets go of what it chose.
  return html`<div class="filters" role="group" aria-label=${say('filter')}>
    ${chip(none, say('all'), { family: undefined, topic: undefined, level: undefined }, all.length)}
    ${families.map((f) => chip(f === filter.family, name(f), { family: f === filter.family ? undefined : f }, all.filter((w) => w.family === f).length))}
    <span class="rule"></span>
    ${topics.map((t) => chip(t === filter.topic, say(t), { topic: t === filter.topic ? undefined : t }))}
    <span class="rule"></span>
    ${levels.map((l) => chip(l === filter.level, say(LEVELS[l]), { level: l === filter.level ? undefined : l }, undefined, bars(l)))}</div>`;
}

function bars(level: Walkthrough['level']): TemplateResult {
  return html`<i class="lv" aria-hidden="true">${[1, 2, 3].map((i) => html`<i class=${i <= level ? 'f' : ''}></i>`)}</i>`;
}

function picture(of: TemplateResult<2> | undefined): TemplateResult {
  return html`<svg viewBox="0 0 320 118" aria-hidden="true">${of ? svg`${of}` : nothing}</svg>`;
}

function card(of: Walkthrough, home: Home, say: Say, act: HomeActs): TemplateResult {
  const level = say(LEVELS[of.level]);
  const family = of.family === 'together' ? say('together') : FAMILIES[of.family];
  const far = home.progress(of.scenario);
  const state = far === 'done' ? html`<span class="done">${say('done')}</span>` : far ? html`<span class="far">${far}</span>` : nothing;
  const breaks = of.state === 'breaks' ? html`<span class="brk">${say('breaks')}</span>` : nothing;
  return html`<a class="card wk" @pointerenter=${() => act.look(of.scenario)} @focus=${() => act.look(of.scenario)}
    @pointerleave=${() => act.look(undefined)} @blur=${() => act.look(undefined)} href=${address(of.scenario)} aria-label="${of.title}, ${family}, ${level}">
    <div class="pv">${picture(home.preview(of.scenario))}</div>
    <div class="tx"><h3>${of.title}</h3><p>${of.about}</p><div class="ft"><span class="fam-t">${family}</span>
      <span>${bars(of.level)}${level}</span><span class="grow"></span>${state}${breaks}</div></div></a>`;
}
