// What opens over the player: keys, search, the link to share.

import { html, nothing, type TemplateResult } from 'lit';

import { icon } from '../draw/icons';
import { prose } from '../draw/text';
import type { Event as RunEvent } from '../scene';
import type { Key, Say } from '../text/strings';
import type { Act } from './actions';

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

function dialog(title: string, body: TemplateResult, say: Say, act: Act): TemplateResult {
  const outside = (e: Event) => {
    if (e.target === e.currentTarget) act({ do: 'close' });
  };
  return html`<div class="dialog" @click=${outside}><section class="card" role="dialog" aria-modal="true" aria-label=${title}>
    <div class="row"><h2>${title}</h2><span class="grow"></span><button class="tool" aria-label="${say('close')} (Esc)" @click=${() => act({ do: 'close' })}>${icon('close', 18)}</button></div>
    ${body}</section></div>`;
}

export function helpDialog(say: Say, act: Act): TemplateResult {
  return dialog(say('keysTitle'), html`<p class="quiet">${say('pointing')}</p>
    <dl class="keys">${KEYS.map(([keys, says]) => html`<div><dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${say(says)}</dd></div>`)}</dl>
    <p class="row links"><a href="book/">${say('book')}</a><a href="book/reference/fidelity.html">${say('modelled')}</a><a href="licences.md">${say('licences')}</a></p>`, say, act);
}

/** Finds a message or an event; Enter goes to the first. */
export function findDialog(of: { asked: string; found: RunEvent[] }, say: Say, act: Act): TemplateResult {
  const typed = (e: InputEvent) => act({ do: 'search', text: (e.target as HTMLInputElement).value.trim() });
  const go = (to: number) => {
    act({ do: 'close' });
    act({ do: 'seek', to });
  };
  const entered = (e: KeyboardEvent) => {
    if (e.key === 'Enter' && of.found[0]) go(of.found[0].n);
  };
  return dialog(say('findTitle'), html`
    <input class="find" type="search" autofocus aria-label=${say('search')} placeholder=${say('findSuch')} @input=${typed} @keydown=${entered} />
    <ol class="found">${of.found.map((event) => html`<li><button @click=${() => go(event.n)}><span class="n">${event.n}</span> <span>${prose(event.says)}</span></button></li>`)}</ol>
    ${of.asked !== '' && of.found.length === 0 ? html`<p class="quiet" role="status">${say('nothingFound', { text: of.asked })}</p>` : nothing}`, say, act);
}

/** The address of this run at this event. */
export function shareDialog(of: { link: string; at: number; title: string; copied: boolean }, say: Say, act: Act): TemplateResult {
  const whole = (e: FocusEvent) => (e.target as HTMLInputElement).select();
  return dialog(say('shareTitle'), html`<p>${say('shareSays', { n: of.at })}</p>
    <div class="row share"><input class="find mono" readonly autofocus aria-label=${say('shareTitle')} .value=${of.link} @focus=${whole} />
      <button class="btn pri" @click=${() => act({ do: 'copy' })}>${say(of.copied ? 'copied' : 'copyLink')}</button></div>`, say, act);
}
