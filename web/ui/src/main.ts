// The page: the library, or the player with the scenario that its address names.

import './style/page.css';
import { define } from './player/define';
import { keep, kept } from './player/progress';
import { linkIn } from './player/scenario';
import { languageOf, type Language } from './text/strings';

const asked = new URLSearchParams(location.search);
const scenario = asked.get('scenario');
const mine = kept();

function language(): Language {
  return languageOf(asked.get('lang') ?? mine.language ?? navigator.language);
}

function theme(to: 'light' | 'dark' | undefined): void {
  if (to) document.documentElement.dataset['theme'] = to;
}

document.documentElement.lang = language();
theme(mine.theme);
addEventListener('prefer', (event) => {
  const change = (event as CustomEvent<{ language?: Language; theme?: 'light' | 'dark' }>).detail;
  keep(change);
  if (change.language) document.documentElement.lang = change.language;
  theme(change.theme);
});

define(document.baseURI);

// A link that is pasted over an open page is another page.
addEventListener('hashchange', () => {
  if (linkIn(location.hash) !== undefined) location.reload();
});

const link = linkIn(location.hash);
if (scenario !== null || link !== undefined) {
  const player = document.createElement('glass-player');
  if (scenario !== null) player.scenario = scenario;
  // A link says itself where it leads.
  if (link === undefined) player.at = Number(asked.get('at') ?? 0);
  if (mine.theme) player.theme = mine.theme;
  player.addEventListener('moved', (event) => {
    const { at, total } = (event as CustomEvent<{ at: number; total: number }>).detail;
    if (scenario !== null && at > 0) keep({ last: scenario, at: { [scenario]: [at, total] } });
  });
  document.body.append(player);
} else {
  const { GlassHome } = await import('./player/home-page');
  customElements.define('glass-home', GlassHome);
  const home = document.createElement('glass-home') as InstanceType<typeof GlassHome>;
  home.language = language();
  if (mine.theme) home.theme = mine.theme;
  document.body.append(home);
}
