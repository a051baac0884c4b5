// A log: cells side by side, old at the left, and the marks that stand between them.

import { nothing, svg, type TemplateResult } from 'lit';

import type { TapePlace } from '../layout/layout';
import type { Cell, Replica } from '../scene';
import { label } from './text';

export interface TapeLook {
  /** The message that is selected. */
  selected?: string | undefined;
  cellName: (cell: Cell, committed: boolean) => string;
  /** What stands beside the tape ends here. */
  right?: number | undefined;
}

/** Where an offset begins on a tape. Folded ones are before the first cell. */
export function offsetX(place: TapePlace, of: Replica, offset: number): number {
  const folded = of.from > 0 ? 1 : 0;
  return place.x + (Math.max(of.from, offset) - of.from + folded) * place.cell;
}

/** The offsets that a partition's tapes show, which all its replicas share: they keep one ruler. */
export interface Ruler {
  from: number;
  /** After the last offset of any replica. */
  end: number;
}

/** The ruler of a partition: the window of the replica whose log ends last. */
export function rulerOf(partition: string, brokers: { replicas: Replica[] }[]): Ruler {
  const all = brokers.flatMap((b) => b.replicas).filter((r) => r.partition === partition);
  const ends = all.map((r) => ({ from: r.from, end: Math.max(r.leo, ...r.cells.map((c) => c.offset + 1)) }));
  return ends.reduce((last, one) => (one.end > last.end ? one : last), { from: 0, end: 0 });
}

/** Cells of a log that ends before the window of its partition. */
const TAIL = 3;

/** A log on the ruler of its partition, with as many cells as there is room for. */
export function narrowed(of: Replica, room: number, { from: start, end }: Ruler): Replica {
  const folded = start > 0 ? 1 : 0;
  const shared = end - start + folded > room ? end - room + 1 : start;
  // A log that ends before the window shows its own last cells: nothing of it would be seen.
  const known = Math.min(of.leo, ...of.cells.map((cell) => cell.offset));
  const from = of.leo <= shared && shared > 0 ? Math.max(known, of.leo - TAIL) : shared;
  if (from === of.from) return of;
  const seen = (mark: { offset: number }) => mark.offset >= from;
  return {
    ...of,
    from,
    cells: of.cells.filter(seen),
    epochs: of.epochs.filter(seen),
    lso: of.lso !== undefined && of.lso >= from ? of.lso : undefined,
  };
}

export function tape(place: TapePlace, of: Replica, look: TapeLook): TemplateResult<2> {
  const { y, cell: s } = place;
  const h = place.h ?? Math.min(24, s);
  const x = (offset: number) => offsetX(place, of, offset);
  const hwX = x(of.hw) - (of.epochs.some((e) => e.offset === of.hw) ? 3 : 0);
  return svg`<g class="tape">
    ${of.from > 0 ? fold(place, of.from, h) : nothing}
    ${of.cells.map((one) => cell(x(one.offset), y, s, h, one, one.offset >= of.hw, look))}
    ${of.epochs.map(({ epoch, offset }) => svg`<path d="M${x(offset)} ${y - 4}V${y + h + 3}" class="eptick" />${label(x(offset) + 4, y - 3, `e${epoch}`, of.role === 'leader' ? 'ept lead' : 'ept')}`)}
    <path d="M${x(of.leo) + 7} ${y - 1}H${x(of.leo) + 2.5}V${y + h + 1}H${x(of.leo) + 7}" class="leo" />
    <path d="M${hwX} ${y + h + 3}V${y - 7}h-5" class="hw" />
    ${of.lso === undefined ? nothing : svg`<path d="M${x(of.lso)} ${y - 7}V${y + h + 3}" class="lso" />`}
    ${of.committed.map(({ group, offset }, i) => pennant(offset < of.from ? place.x + 4 : x(offset), y + h + i * 11, `${group} ${offset}`, look.right))}
  </g>`;
}

function cell(x: number, y: number, w: number, h: number, of: Cell, open: boolean, look: TapeLook): TemplateResult<2> {
  if (of.is === 'compacted') return svg`<path d="M${x + 2} ${y + h - 2}h${w - 4}" class="trail" />`;
  const ghost = of.is === 'ghost';
  const kind = ['cell', of.is === 'control' ? 'ctl' : '', ghost ? 'ghost' : open ? 'uncommitted' : ''];
  const keyed = of.is === 'record' && of.key !== 'f';
  const chosen = of.id !== undefined && of.id === look.selected;
  return svg`<g class=${kind.filter(Boolean).join(' ')} role="img" data-thing=${of.id ? `message:${of.id}` : nothing}
      aria-label=${look.cellName(of, !open)}>
    <rect x=${x} y=${y} width=${w} height=${h} class="cb" />
    ${keyed ? svg`<rect x=${x + 1.5} y=${y + h - 5} width=${w - 3} height="4" fill="url(#k${of.key})" />` : nothing}
    ${ghost ? svg`<path d="M${x + 3} ${y + h - 3}L${x + w - 3} ${y + 3}" class="cross" />` : nothing}
    ${label(x + w / 2, y + h / 2 + (keyed ? 2.5 : 4), of.offset, `cn ${of.offset > 999 ? 'tight' : ''}`)}
    ${chosen ? svg`<rect x=${x - 3} y=${y - 3} width=${w + 6} height=${h + 6} rx="5" class="selring" />` : nothing}
  </g>`;
}

/** The older cells, folded into one. */
function fold(place: TapePlace, from: number, h: number): TemplateResult<2> {
  const { x, y, cell: s } = place;
  return svg`<rect x=${x} y=${y} width=${s} height=${h} class="rest" /><path
    d="M${x + 7} ${y + h / 2}h.1M${x + s / 2} ${y + h / 2}h.1M${x + s - 7} ${y + h / 2}h.1" class="dots" /><title>0-${from - 1}</title>`;
}

/** A committed offset: the next record that the group will get. It flies to the right, if there is room. */
function pennant(x: number, y: number, text: string, right = Infinity): TemplateResult<2> {
  const w = text.length * 6.7 + 12;
  const side = x + w > right ? -1 : 1;
  return svg`<g class="pen"><path d="M${x} ${y - 22}V${y + 11}" class="penp" /><path
    d="M${x} ${y + 1}h${side * w}l${side * -4} 5 ${side * 4} 5h${side * -w}z" class="penf" />${label(side > 0 ? x + 4 : x - w + 7, y + 9.6, text, 'pent')}</g>`;
}
