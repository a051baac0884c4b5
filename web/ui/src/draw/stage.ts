// The stage of either broker, as one picture.

import { html, nothing, svg, type TemplateResult } from 'lit';

import type { Layout } from '../layout/layout';
import type { Scene, Topology } from '../scene';
import type { Say } from '../text/strings';
import { kafkaStage } from './kafka';
import { rabbitmqStage } from './rabbitmq';
import { emptyStage } from './stage-parts';

export interface StageState {
  topology: Topology;
  scene: Scene;
  layout: Layout;
  /** The event that is shown. */
  event: number;
  /** Whether anything has happened yet. */
  started: boolean;
}

export function stage(of: StageState, say: Say): TemplateResult {
  const { topology, scene, layout } = of;
  const picture = topology.family === 'kafka' ? kafkaStage : rabbitmqStage;
  return html`<svg class="stage ${layout.form}" width=${layout.width} height=${layout.height}
    viewBox="0 0 ${layout.width} ${layout.height}" role="group" aria-label=${say('nameStage', { n: of.event })}>
    ${picture(topology, scene, layout, say)}
    ${of.started ? nothing : svg`${emptyStage(layout, say)}`}
  </svg>`;
}
