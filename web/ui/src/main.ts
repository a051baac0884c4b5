// The sandbox: a page with one player.

import './style/page.css';
import { define } from './player/define';

define(document.baseURI);
