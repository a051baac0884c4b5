// What the player says, in the language of its reader. Names of the field (`basic.publish`,
// `acks=all`, `high watermark`) stay as the brokers spell them.

import { en } from './strings.en';
import { zh } from './strings.zh';

export type Key = keyof typeof en;
export type Language = 'en' | 'zh';

export const strings: Record<Language, Record<Key, string>> = { en, zh };

/**
 * Says something; `{n}` in a string is filled in from the values, and `{n:binding|bindings}` is
 * the one word for 1 and the other for all else.
 */
export interface Say {
  (key: Key, values?: Record<string, string | number>): string;
  readonly language: Language;
}

export function sayer(language: Language): Say {
  const all = strings[language];
  const say = (key: Key, values: Record<string, string | number> = {}) =>
    all[key]
      .replace(/\{(\w+):([^|}]*)\|([^}]*)\}/g, (_, name: string, one: string, other: string) =>
        Number(values[name]) === 1 ? one : other,
      )
      .replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  return Object.assign(say, { language });
}

/** The language of a page: `zh-CN` is `zh`; what is not known is English. */
export function languageOf(tag: string): Language {
  return tag.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
