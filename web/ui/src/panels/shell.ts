// The frame: top bar, view tabs, legend, menus, trouble.

import { html, nothing, svg, type TemplateResult } from 'lit';

import { icon, mark } from '../draw/icons';
import { octagon } from '../draw/marks';
import { EngineStopped, ScenarioError } from '../engine/session';
import type { Check, Run } from '../scene';
import type { Key, Say } from '../text/strings';
import type { Act, ViewName } from './actions';
import { byUrgency, checkChip } from './checks';

export function topBar(run: Run, at: number, view: ViewName, say: Say, act: Act): TemplateResult {
  const family = run.family === 'together' ? say('together') : run.family === 'kafka' ? 'Kafka' : 'RabbitMQ';
  return html`<header class="top">
    <a class="brand" href="./" aria-label=${say('home')}>${mark()}<span class="wm">Glass<b>MQ</b></span></a>
    <div class="crumb"><span class="fam">${family} <span aria-hidden="true">/</span></span><h1>${run.title}</h1></div>
    <div class="grow wide"></div>
    <div class="checks wide" role="group" aria-label=${say('checks')}>${chips(run, at).map((check) => checkChip(check, at, say, act))}</div>
    <div class="row tools">
      <button class="tool wide" aria-label=${say('search')} @click=${() => act({ do: 'find' })}>${icon('search')}</button>
      <button class="tool wide" aria-label=${say('theme')} @click=${() => act({ do: 'theme' })}>${icon('theme')}</button>
      <button class="tool wide lang" lang=${say.language === 'en' ? 'zh' : 'en'} @click=${() => act({ do: 'language' })}>${say('otherLanguage')}</button>
      <button class="tool wide" aria-label=${say('help')} @click=${() => act({ do: 'help' })}>${icon('help')}</button>
      <button class="tool text wide" @click=${() => act({ do: 'share' })}>${icon('share', 18)}${say('share')}</button>
      <select class="views only-narrow" aria-label=${say('stage')} @change=${(e: Event) => act({ do: 'view', to: (e.target as HTMLSelectElement).value as ViewName })}>
        ${VIEWS.map((v) => html`<option value=${v.view} ?selected=${v.view === view}>${say(v.says)}</option>`)}</select>
      <button class="tool only-narrow" aria-label=${say('share')} @click=${() => act({ do: 'share' })}>${icon('share')}</button>
    </div></header>`;
}

/** Two if one of them has much to say, else three. */
function chips(run: Run, at: number): Check[] {
  const all = byUrgency(run.checks, at);
  return all.slice(0, all.some((c) => c.is === 'breaks') ? 2 : 3);
}

const VIEWS: { view: ViewName; says: Key }[] = [
  { view: 'stage', says: 'stage' },
  { view: 'space-time', says: 'spaceTime' },
  { view: 'code', says: 'code' },
  { view: 'metrics', says: 'metrics' },
];

/** The tabs over the picture, and the legend of the four meanings. */
export function paneHead(
  of: { view: ViewName; spacing: 'event' | 'time'; table: boolean; narrow: boolean },
  say: Say,
  act: Act,
): TemplateResult {
  if (of.narrow) return html``;
  return html`<header>
    <div class="seg" role="tablist" aria-label=${say('stage')}>${VIEWS.map(({ view, says }) => html`<button role="tab"
      aria-selected=${view === of.view} class=${view === of.view ? 'on' : ''} @click=${() => act({ do: 'view', to: view })}>${say(says)}</button>`)}</div>
    ${of.view === 'space-time' ? html`<div class="seg" role="group">${(['event', 'time'] as const).map((to) => html`<button
      class=${to === of.spacing ? 'on' : ''} aria-pressed=${to === of.spacing} @click=${() => act({ do: 'spacing', to })}>${say(to === 'event' ? 'byEvent' : 'byTime')}</button>`)}</div>` : nothing}
    <div class="grow"></div>
    ${legend(say)}
    <button class="tool text" aria-pressed=${of.table} @click=${() => act({ do: 'table' })}>${say('asTable')}</button>
  </header>`;
}

function legend(say: Say): TemplateResult {
  const entries: [string, Key][] = [
    ['l-ok', 'legendOk'],
    ['l-wait', 'legendWait'],
    ['l-fault', 'legendFault'],
    ['l-path', 'legendPath'],
  ];
  return html`<div class="legend">${entries.map(([kind, says]) => html`<span><i class=${kind}></i>${say(says)}</span>`)}</div>`;
}

/** What went wrong, with what to do about it. */
export function trouble(error: Error, say: Say, act: Act): TemplateResult {
  const sign = html`<svg width="22" height="22" viewBox="-11 -11 22 22" aria-hidden="true">${svg`${octagon(0, 0, 9)}`}</svg>`;
  if (error instanceof EngineStopped) {
    return html`<section class="card trouble" role="alert"><h2>${sign}${say('stopped', { n: error.event })}</h2><p>${error.message}</p>
      <button class="btn" @click=${() => act({ do: 'copy' })}>${say('copyRun')}</button></section>`;
  }
  if (error instanceof ScenarioError && error.key !== undefined) {
    return html`<section class="card trouble" role="alert"><h2>${sign}${say('notAKey', { key: error.key })}</h2>
      ${error.nearest ? html`<p>${say('didYouMean', { key: error.nearest })}</p>` : nothing}
      ${error.place ? html`<p class="mono">${error.place}</p>` : nothing}
      <button class="btn" @click=${() => act({ do: 'panel', to: 'scenario' })}>${say('openLine')}</button></section>`;
  }
  return html`<section class="card trouble" role="alert"><h2>${sign}${say('unreadable')}</h2><p class="mono">${error.message}</p></section>`;
}

/** What of a link could not be taken as it is. */
export function changedLink(lost: string[], say: Say, act: Act): TemplateResult {
  return html`<section class="card trouble" role="status"><h2>${say('changedLink')}</h2>${lost.map((what) => html`<p>${what}</p>`)}
    <button class="btn sm" @click=${() => act({ do: 'close' })}>${say('close')}</button></section>`;
}
