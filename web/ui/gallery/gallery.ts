// Shows the player in one frame of a fixture: `gallery.html?frame=kafka&theme=dark&lang=zh`.

import '../src/style/page.css';
import { define } from '../src/player/define';
import type { PanelName, ViewName } from '../src/panels/actions';
import { kafkaPython, pika } from './code';
import { Fixed, type Frame } from './fixed';
import * as kafka from './kafka';
import * as rabbitmq from './rabbitmq';
import { sheets } from './sheets';

define(document.baseURI);

const FRAMES: Record<string, Frame> = {
  rabbitmq: { run: rabbitmq.run, shown: rabbitmq.shown, at: 142, events: rabbitmq.events },
  kafka: { run: kafka.run, shown: kafka.shown, at: 143, events: kafka.events, history: kafka.history, why: kafka.why, facts: kafka.facts, metrics: kafka.metrics, beside: kafka.beside },
  pika: pika,
  'kafka-python': kafkaPython,
};

const asked = new URLSearchParams(location.search);
const theme = asked.get('theme') === 'dark' ? 'dark' : 'light';
document.documentElement.dataset['theme'] = theme;
document.documentElement.lang = asked.get('lang') ?? 'en';

const name = asked.get('frame') ?? 'rabbitmq';
const frame = FRAMES[name];
if (frame) {
  const player = document.createElement('glass-player');
  player.theme = theme;
  player.compact = asked.has('compact');
  document.body.append(player);
  await player.show(new Fixed(frame), { scenario: '' });
  const view = asked.get('view') as ViewName | null;
  if (view) await player.act({ do: 'view', to: view });
  if (asked.has('why')) await player.act({ do: 'why' });
  const compared = asked.get('compare');
  if (compared) await player.act({ do: 'compare', id: compared });
  const panel = asked.get('panel') as PanelName | null;
  if (panel) {
    await player.act({ do: 'select', thing: 'broker:kafka-1' });
    await player.act({ do: 'panel', to: panel });
  }
} else sheets(document.body, name, document.documentElement.lang);
document.body.dataset['ready'] = name;
