// The scenarios that ship with the page, as their files describe themselves. What a card says of
// one is read from the scenario, so that no list has to be kept.

import type { Walkthrough } from '../panels/home';
import type { Language } from '../text/strings';

/** What of a scenario's file a card is made from. */
export interface File {
  title: Record<string, string> | string;
  about?: Record<string, string> | string;
  catalogue?: { id: string; shows: 'anomaly' | 'cure' };
  world: { kafka?: { brokers?: number }; rabbitmq?: { nodes?: number } };
  clients?: { is: string; group?: string }[];
  faults?: unknown[];
  chaos?: unknown;
}

const FILES = import.meta.glob<File>('../../../../scenarios/*/*.json', { eager: true, import: 'default' });

/** All of them: first steps first, and of those the programs that are read line by line. */
export function library(language: Language): Walkthrough[] {
  const all = Object.entries(FILES).map(([path, file]) => walkthrough(nameOf(path), file, language));
  const read = (w: Walkthrough) => (w.topics.includes('topicPrograms') ? 0 : 1);
  return all.sort((a, b) => a.level - b.level || read(a) - read(b) || b.family.localeCompare(a.family) || a.scenario.localeCompare(b.scenario));
}

/** `…/scenarios/rabbitmq/hello.json` is `rabbitmq/hello`. */
function nameOf(path: string): string {
  return path.replace(/^.*scenarios\//, '').replace(/\.json$/, '');
}

export function walkthrough(scenario: string, of: File, language: Language): Walkthrough {
  const said = (text: File['about']) => (typeof text === 'string' ? text : (text?.[language] ?? text?.en ?? ''));
  const { kafka, rabbitmq } = of.world;
  return {
    scenario,
    family: kafka && rabbitmq ? 'together' : kafka ? 'kafka' : 'rabbitmq',
    title: said(of.title),
    about: opening(said(of.about)),
    level: levelOf(of),
    topics: topicsOf(of),
    state: of.catalogue?.shows === 'anomaly' ? 'breaks' : undefined,
  };
}

/** Without faults first steps; with faults that are planned, more; with faults by chance, most. */
function levelOf(of: File): Walkthrough['level'] {
  if (of.chaos !== undefined) return 3;
  return (of.faults ?? []).length > 0 ? 2 : 1;
}

function topicsOf(of: File): Walkthrough['topics'] {
  const clients = of.clients ?? [];
  const has: [Walkthrough['topics'][number], boolean][] = [
    ['topicPrograms', clients.some((c) => c.is === 'program')],
    ['topicReplication', (of.world.kafka?.brokers ?? of.world.rabbitmq?.nodes ?? 1) > 1],
    ['topicGroups', clients.some((c) => c.group !== undefined)],
    ['topicFaults', (of.faults ?? []).length > 0 || of.chaos !== undefined],
  ];
  return has.filter(([, is]) => is).map(([topic]) => topic);
}

/** A card has room for about so many letters. */
const ROOM = 60;

/** Whole sentences, until there is enough to read. */
export function opening(text: string): string {
  let said = '';
  for (const sentence of text.match(/.+?(?:[.!?](?=\s|$)|[。！？]|$)\s*/gs) ?? []) {
    if (said.length >= ROOM) break;
    said += sentence;
  }
  return said.trim();
}
