// The player as a module for any page: `<script type="module" src="glass-player.js">`.

import { define } from './player/define';

define(import.meta.url);

export { GlassPlayer } from './player/player';
