// Makes <glass-player> known to a page.

import { addFonts } from '../style/fonts';
import { GlassPlayer } from './player';
import { setHome } from './scenario';

/** `home` is an address in the folder that has `scenarios/`. */
export function define(home: string): void {
  // A page may load the player twice, by two addresses.
  if (customElements.get('glass-player')) return;
  // Before the element is defined: a player that is in the page already opens its scenario then.
  setHome(home);
  addFonts(document.fonts);
  customElements.define('glass-player', GlassPlayer);
}
