// Where everything is. A function of the topology and of the size of the stage alone: no event
// moves anything, and scrubbing never does.

import type { ThingId, Topology } from '../scene';
import { kafkaBands } from './kafka-bands';
import { kafkaLanes } from './kafka-lanes';
import type { Box, Density } from './place';
import { PHONE } from './place';
import { rabbitmqBands } from './rabbitmq-bands';
import { rabbitmqLanes } from './rabbitmq-lanes';

export interface Size {
  width: number;
  height: number;
}

/** The way of a link, and where its label and its traffic are drawn. */
export interface Way {
  d: string;
  /** The middle of a token that is under way. */
  token: { x: number; y: number };
  /** Where a text about it is centred. */
  text: { x: number; y: number };
  /** Other places for that text, the best first. */
  spots?: { x: number; y: number }[];
  /** The start and the end, for a token that moves. */
  from: { x: number; y: number };
  to: { x: number; y: number };
}

/** A head for a lane, by name, or the partitions it shows. */
export type LaneHead = 'producers' | 'exchanges' | 'queues' | 'consumers' | 'brokers' | 'none';

/** Where the cells of a log are. */
export interface TapePlace {
  x: number;
  y: number;
  cell: number;
  /** Height of a cell, if it is not square. */
  h?: number;
  /** How many cells fit. */
  cells: number;
}

export interface Layout {
  width: number;
  /** At least the height asked for; more if everything needs more. */
  height: number;
  form: 'lanes' | 'bands';
  lanes: { head: LaneHead; box: Box }[];
  /** Nodes, queues, cards and rows by their id. */
  boxes: Map<ThingId, Box>;
  /** The log of a replica. */
  tapes: Map<ThingId, TapePlace>;
  links: Map<ThingId, Way>;
  /** The captions of exchanges. */
  captions: Map<ThingId, { x: number; y: number; anchor: 'middle' | 'start'; room: number }>;
  /** Dashed enclosures: quorum queues and consumer groups. */
  enclosures: { id: ThingId; box: Box }[];
  density: { queues: Density; clients: Density; brokers: 'cards' | 'chosen' | 'matrix' };
  /** The tray, or the controllers' strip. */
  tray: Box;
  /** The partition that is shown alone where there is no room for all. */
  chosen?: string | undefined;
}

/** The layout of a stage. `chosen` is the partition that a narrow Kafka stage shows. */
export function layout(of: Topology, size: Size, chosen?: string): Layout {
  const bands = size.width < PHONE;
  if (of.family === 'rabbitmq') return bands ? rabbitmqBands(of, size) : rabbitmqLanes(of, size);
  return bands ? kafkaBands(of, size, chosen) : kafkaLanes(of, size, chosen);
}

/** The id of the link between two things. */
export function linkId(from: ThingId, to: ThingId, nth = 0): ThingId {
  return nth === 0 ? `link:${from}>${to}` : `link:${from}>${to}#${nth}`;
}

export function empty(size: Size, form: Layout['form']): Layout {
  return {
    ...size,
    form,
    lanes: [],
    boxes: new Map(),
    tapes: new Map(),
    links: new Map(),
    captions: new Map(),
    enclosures: [],
    density: { queues: 'full', clients: 'full', brokers: 'cards' },
    tray: { x: 0, y: 0, w: 0, h: 0 },
  };
}
