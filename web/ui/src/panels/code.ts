// The listing of a client with the line it is at. Syntax is weight, slant and grey: colour is
// kept for the four meanings.

import { html, nothing, type TemplateResult } from 'lit';

import type { Listing } from '../scene';

const WORDS = /("[^"]*"|'[^']*'|#.*$|\b(?:import|from|def|for|in|with|as|while|if|else|return|try|except)\b)/;

export function listing(of: Listing, seek: (line: number) => void): TemplateResult {
  return html`<section class="card src" aria-label=${of.file}>
    <header><b>${of.file}</b><span class="quiet">${of.who}</span><span class="grow"></span><span class="chip">${of.status}</span></header>
    <pre>${of.lines.map((text, i) => line(of, text, i + 1, seek))}</pre></section>`;
}

function line(of: Listing, text: string, n: number, seek: (line: number) => void): TemplateResult {
  const [from, to] = of.current ?? [0, -1];
  const current = n >= from && n <= to;
  const kind = current ? (n === from ? 'cur' : 'cur more') : n === of.waiting ? 'wait' : '';
  const mark = of.discs[n];
  return html`<div class=${kind} aria-current=${n === from ? 'step' : nothing} @click=${() => seek(n)}><span class="ln">${n}</span><span
    class="mkk">${mark === undefined ? nothing : html`<i>${mark}</i>`}</span><span>${highlight(text)}</span></div>`;
}

/** A line in its parts: text in italics, key words and comments in grey. */
export function highlight(text: string): (string | TemplateResult)[] {
  if (text === '') return [' '];
  return text
    .split(WORDS)
    .filter((part) => part !== undefined && part !== '')
    .map((part) => {
      if (/^["']/.test(part)) return html`<s>${part}</s>`;
      return WORDS.test(part) ? html`<em>${part}</em>` : part;
    });
}
