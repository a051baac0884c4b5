// The scenario as it is written. Names are bold, texts in italics; colour is kept for its meanings.

import { html, type TemplateResult } from 'lit';

import type { Say } from '../text/strings';

const PARTS = /("(?:[^"\\]|\\.)*"\s*:|"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?)/;

export function source(text: string | undefined, say: Say): TemplateResult {
  if (text === undefined) return html`<div class="panel"><p class="quiet">${say('noSource')}</p></div>`;
  return html`<div class="panel json" tabindex="0" role="region" aria-label=${say('scenario')}><pre>${text
    .trimEnd()
    .split('\n')
    .map((line, i) => html`<div><span class="ln">${i + 1}</span><span>${parts(line)}</span></div>`)}</pre></div>`;
}

/** A line of JSON in its parts. */
export function parts(line: string): (string | TemplateResult)[] {
  if (line === '') return [' '];
  return line
    .split(PARTS)
    .filter((part) => part !== '')
    .map((part) => {
      const [, name, colon] = /^(".*")(\s*:)$/.exec(part) ?? [];
      if (name !== undefined) return html`<b>${name}</b>${colon}`;
      return part.startsWith('"') ? html`<s>${part}</s>` : part;
    });
}
