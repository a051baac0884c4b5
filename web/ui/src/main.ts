// The sandbox: a page with one player.

import './style/page.css';
import { define } from './player/define';

// The sandbox shows the scenario that its address names: `?scenario=kafka/test-topic`.
const named = new URLSearchParams(location.search).get('scenario');
if (named) document.querySelector('glass-player')?.setAttribute('scenario', named);

define(document.baseURI);
