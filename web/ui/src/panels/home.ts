// The home page: one sentence, then a card for each walkthrough.

import { html, nothing, svg, type TemplateResult } from 'lit';

import { icon, mark } from '../draw/icons';
import type { Key, Say } from '../text/strings';

export interface Walkthrough {
  /** Its scenario: `rabbitmq/hello`. */
  scenario: string;
  family: 'rabbitmq' | 'kafka' | 'together';
  title: string;
  about: string;
  level: 1 | 2 | 3;
  minutes: number;
  state?: 'done' | 'breaks' | string | undefined;
  topics: string[];
  /** The stage's own drawing of its most telling frame, 320 x 118. */
  preview: TemplateResult<2>;
}

const LEVELS: Record<1 | 2 | 3, Key> = { 1: 'level1', 2: 'level2', 3: 'level3' };
const FAMILIES = { rabbitmq: 'RabbitMQ', kafka: 'Kafka' };

export interface Home {
  all: Walkthrough[];
  filter: string;
}

export function home(of: Home, say: Say, filter: (by: string) => void): TemplateResult {
  const name = (family: Walkthrough['family']) => (family === 'together' ? say('together') : FAMILIES[family]);
  const shown = of.all.filter((w) => of.filter === '' || w.family === of.filter || w.topics.includes(of.filter));
  const families = [...new Set(of.all.map((w) => w.family))];
  const topics = [...new Set(of.all.flatMap((w) => w.topics))];
  const chip = (by: string, text: string, count?: number) => html`<button class="fl ${by === of.filter ? 'on' : ''}"
    aria-pressed=${by === of.filter} @click=${() => filter(by)}>${text}${count === undefined ? nothing : html`<span>${count}</span>`}</button>`;
  return html`<div class="home">
    <header class="top"><a class="brand" href="./" aria-label=${say('home')}>${mark()}<span class="wm">Glass<b>MQ</b></span></a>
      <nav class="row" aria-label="GlassMQ"><a class="tool text" aria-current="page" href="./">${say('walkthroughs')}</a><a class="tool text" href="book/">${say('book')}</a></nav></header>
    <div class="wrap"><section class="hero"><div class="say"><h1>${say('homeTitle')}</h1><p>${say('homeSays')}</p></div>
      <article class="card blank"><span class="eyebrow">${say('blank')}</span><h2>${say('buildWorld')}</h2><p>${say('placeThings')}</p><a class="btn" href="?">${icon('plus', 18)}${say('newSandbox')}</a></article></section>
    <div class="filters" role="group" aria-label=${say('filter')}>${chip('', say('all'), of.all.length)}
      ${families.map((f) => chip(f, name(f), of.all.filter((w) => w.family === f).length))}<span class="rule"></span>${topics.map((t) => chip(t, t))}</div>
    <div class="grid">${shown.map((w) => card(w, name(w.family), say))}</div></div></div>`;
}

function card(of: Walkthrough, family: string, say: Say): TemplateResult {
  const level = say(LEVELS[of.level]);
  const state = of.state === 'done' ? html`<span class="done">${say('done')}</span>`
    : of.state === 'breaks' ? html`<span class="brk">${say('breaks')}</span>`
    : of.state ? html`<span class="far">${of.state}</span>` : nothing;
  return html`<a class="card wk" href="?scenario=${of.scenario}" aria-label="${of.title}, ${family}, ${level}">
    <div class="pv"><svg viewBox="0 0 320 118" aria-hidden="true">${svg`${of.preview}`}</svg></div>
    <div class="tx"><h3>${of.title}</h3><p>${of.about}</p><div class="ft"><span class="fam-t">${family}</span>
      <span><span class="lv" aria-hidden="true">${[1, 2, 3].map((i) => html`<i class=${i <= of.level ? 'f' : ''}></i>`)}</span>${level}</span>
      <span>${say('minutes', { n: of.minutes })}</span>${state}</div></div></a>`;
}
