import { expect, test } from 'vitest';

import { fit, plain, widthOf } from '../src/draw/text';
import { languageOf, sayer, strings, type Key } from '../src/text/strings';

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test('every language has the same keys', () => {
  expect(Object.keys(strings.zh).sort()).toEqual(Object.keys(strings.en).sort());
});

test.each(Object.keys(strings.en) as Key[])('%s fills in the same values in each language', (key) => {
  expect(places(strings.zh[key])).toEqual(places(strings.en[key]));
});

test('a value is filled in wherever it is named', () => {
  expect(sayer('en')('nameScrub', { n: 1, total: 2, time: '0.1', says: 'hello' })).toBe('event 1 of 2, 0.1 seconds: hello');
  expect(sayer('zh')('sent', { n: 12 })).toBe('已发 12');
});

test('one of a thing is not many', () => {
  expect(sayer('en')('partitions', { n: 1 })).toBe('1 partition');
  expect(sayer('en')('partitions', { n: 3 })).toBe('3 partitions');
});

test.each([
  ['zh-CN', 'zh'],
  ['zh', 'zh'],
  ['de', 'en'],
])('a page in %s is read in %s', (tag, language) => {
  expect(languageOf(tag)).toBe(language);
});

test('a name that is too long ends in an ellipsis and fits', () => {
  const cut = fit('a-rather-long-queue-name', 80, 14);
  expect(cut).toMatch(/…$/);
  expect(widthOf(cut, 14)).toBeLessThanOrEqual(80);
  expect(fit('short', 80, 14)).toBe('short');
});

test('a sentence is spoken without its marks', () => {
  expect(plain('**m18** has the key `auth.error`.')).toBe('m18 has the key auth.error.');
});
