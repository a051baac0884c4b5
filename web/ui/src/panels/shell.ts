// The frame: top bar, view tabs, legend, menus, trouble.

import { html, nothing, svg, type TemplateResult } from 'lit';

import { icon, mark } from '../draw/icons';
import { octagon } from '../draw/marks';
import { EngineStopped, ScenarioError } from '../engine/session';
import { prose } from '../draw/text';
import type { Event as RunEvent, Run, ThingId } from '../scene';
import type { Key, Say } from '../text/strings';
import type { Act, FaultName, ViewName } from './actions';
import { checkChip } from './cards';

export function topBar(run: Run, at: number, view: ViewName, say: Say, act: Act): TemplateResult {
  const family = run.family === 'together' ? say('together') : run.family === 'kafka' ? 'Kafka' : 'RabbitMQ';
  return html`<header class="top">
    <a class="brand" href="./" aria-label=${say('home')}>${mark()}<span class="wm">Glass<b>MQ</b></span></a>
    <div class="crumb"><span class="fam">${family} <span aria-hidden="true">/</span></span><h1>${run.title}</h1></div>
    <div class="grow wide"></div>
    <div class="checks wide" role="group" aria-label=${say('checks')}>${run.checks.slice(0, 3).map((check) => checkChip(check, at, say, act))}</div>
    <div class="row tools">
      <button class="tool wide" aria-label=${say('search')} @click=${() => act({ do: 'find' })}>${icon('search')}</button>
      <button class="tool wide" aria-label=${say('theme')} @click=${() => act({ do: 'theme' })}>${icon('theme')}</button>
      <button class="tool wide" aria-label=${say('help')} @click=${() => act({ do: 'help' })}>${icon('help')}</button>
      <button class="tool text wide" @click=${() => act({ do: 'copy' })}>${icon('share', 18)}${say('share')}</button>
      <select class="views only-narrow" aria-label=${say('stage')} @change=${(e: Event) => act({ do: 'view', to: (e.target as HTMLSelectElement).value as ViewName })}>
        ${VIEWS.map((v) => html`<option value=${v.view} ?selected=${v.view === view}>${say(v.says)}</option>`)}</select>
      <button class="tool only-narrow" aria-label=${say('share')} @click=${() => act({ do: 'copy' })}>${icon('share')}</button>
    </div></header>`;
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

const FAULTS: { fault: FaultName; says: Key }[] = [
  { fault: 'crash', says: 'faultCrash' },
  { fault: 'power', says: 'faultPower' },
  { fault: 'restart', says: 'faultRestart' },
  { fault: 'pause', says: 'faultPause' },
  { fault: 'resume', says: 'faultResume' },
  { fault: 'cut', says: 'faultCut' },
  { fault: 'heal', says: 'faultHeal' },
];

/** What can be done to a thing; each makes a fork. */
export function faultMenu(thing: ThingId, at: number, place: { x: number; y: number }, say: Say, act: Act): TemplateResult {
  const name = thing.slice(thing.indexOf(':') + 1);
  return html`<div class="menu" role="menu" style="left:${place.x}px;top:${place.y}px" aria-label=${say('faultsOf', { name })}>
    <h2>${say('faultsOf', { name })}</h2>
    ${FAULTS.map(({ fault, says }) => html`<button role="menuitem"
      @click=${() => act({ do: 'fork', at, change: { is: 'fault', fault, on: thing } })}>${say(says)}</button>`)}</div>`;
}

const KEYS: [string, Key][] = [
  ['Space', 'keyPlay'],
  ['← →', 'keySteps'],
  ['Shift ← →', 'keyInteresting'],
  ['Home End', 'keyEnds'],
  ['[ ]', 'keySpeed'],
  ['F', 'keyFork'],
  ['X', 'keyFault'],
  ['D', 'keyDrop'],
  ['U', 'keyUndo'],
  ['Enter', 'keyWhy'],
  ['I', 'keyInspect'],
  ['J K', 'keyAlong'],
  ['1 2 3 4', 'keyViews'],
  ['C', 'keyCopy'],
  ['/', 'keyFind'],
  ['?', 'keyHelp'],
  ['Esc', 'keyClose'],
];

export function helpDialog(say: Say, act: Act): TemplateResult {
  return html`<div class="dialog" @click=${() => act({ do: 'close' })}><section class="card" role="dialog" aria-modal="true" aria-label=${say('keysTitle')}>
    <div class="row"><h2>${say('keysTitle')}</h2><span class="grow"></span><button class="tool" aria-label="${say('close')} (Esc)">${icon('close', 18)}</button></div>
    <dl class="keys">${KEYS.map(([keys, says]) => html`<dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${say(says)}</dd>`)}</dl>
    <p class="row links"><a href="book/">${say('book')}</a><a href="licences.md">${say('licences')}</a></p></section></div>`;
}

/** Finds a message or an event; Enter goes to the first. */
export function findDialog(found: RunEvent[], say: Say, act: Act): TemplateResult {
  const typed = (e: InputEvent) => act({ do: 'search', text: (e.target as HTMLInputElement).value.trim() });
  const go = (to: number) => {
    act({ do: 'close' });
    act({ do: 'seek', to });
  };
  const entered = (e: KeyboardEvent) => {
    if (e.key === 'Enter' && found[0]) go(found[0].n);
  };
  return html`<div class="dialog"><section class="card" role="dialog" aria-modal="true" aria-label=${say('search')}>
    <div class="row"><input class="find" type="search" autofocus aria-label=${say('search')} @input=${typed} @keydown=${entered} />
      <button class="tool" aria-label="${say('close')} (Esc)" @click=${() => act({ do: 'close' })}>${icon('close', 18)}</button></div>
    <ol class="found">${found.map((event) => html`<li><button class="btn bare" @click=${() => go(event.n)}><span class="mono">${event.n}</span> <span>${prose(event.says)}</span></button></li>`)}</ol></section></div>`;
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

/** A link made by another version of the engine, and what of it could not be taken. */
export function oldLink(old: string, now: string, lost: string[], say: Say): TemplateResult {
  return html`<section class="card trouble" role="status"><h2>${say('oldLink', { old, now })}</h2>
    ${lost.map((what) => html`<p>${say('notTaken', { what })}</p>`)}</section>`;
}
