// The stage of either broker, as one picture.

import { html, nothing, svg, type TemplateResult } from 'lit';

import type { Move } from '../player/motion';
import type { Layout } from '../layout/layout';
import type { Scene, Topology } from '../scene';
import type { Say } from '../text/strings';
import { kafkaStage } from './kafka';
import { TOKEN } from './message';
import { rabbitmqStage } from './rabbitmq';
import { emptyStage } from './stage-parts';
import { label } from './text';

export interface StageState {
  topology: Topology;
  scene: Scene;
  layout: Layout;
  /** The event that is shown. */
  event: number;
  /** Whether anything has happened yet. */
  started: boolean;
  /** What the last step moved, to be marked instead of moved. */
  stepped?: Move[] | undefined;
}

export function stage(of: StageState, say: Say): TemplateResult {
  const { topology, scene, layout } = of;
  const picture = topology.family === 'kafka' ? kafkaStage : rabbitmqStage;
  return html`<svg class="stage ${layout.form}" width=${layout.width} height=${layout.height}
    viewBox="0 0 ${layout.width} ${layout.height}" role="group" aria-label=${say('nameStage', { n: of.event })}>
    ${picture(topology, scene, layout, say)}
    ${(of.stepped ?? []).map(beforeAndAfter)}
    ${of.started ? nothing : svg`${emptyStage(layout, say)}`}
  </svg>`;
}

/** Where a token was, dashed, and where it is: for those to whom nothing moves. */
function beforeAndAfter({ from, to }: Move): TemplateResult<2> {
  const badge = (x: number, y: number, n: number) => svg`<circle cx=${x} cy=${y} r="7" class="badge" />${label(x, y + 3.8, n, 'badget')}`;
  return svg`<g aria-hidden="true"><rect x=${from.x} y=${from.y} width=${TOKEN.w} height=${TOKEN.h} rx="6" class="trail" />
    ${badge(from.x, from.y, 1)}${badge(to.x, to.y, 2)}</g>`;
}
