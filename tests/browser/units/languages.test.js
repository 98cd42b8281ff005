// Which language is chosen, and how a message is filled in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { best, format } from '../../../functions/portal/web/lib/i18n.js';

const all = ['en', 'ja', 'de', 'fr', 'es', 'pt-BR', 'it', 'nl', 'pl', 'ko', 'zh-Hans', 'zh-Hant'];

/** @type {[string[], string[], string][]} */
const cases = [
  [['ja'], all, 'ja'],
  [['de-CH', 'en'], all, 'de'],
  [['PT-br'], all, 'pt-BR'],
  [['pt-PT'], all, 'pt-BR'],
  [['zh-TW'], all, 'zh-Hant'],
  [['zh-HK'], all, 'zh-Hant'],
  [['zh-CN'], all, 'zh-Hans'],
  [['zh'], all, 'zh-Hans'],
  [['zh-Hant-CN'], all, 'zh-Hant'],
  [['xx', 'ko-KR'], all, 'ko'],
  [['de', 'ja'], ['en', 'ja'], 'ja'],
  [['zh-TW'], ['en', 'ja'], 'en'],
  [[], all, 'en'],
];
for (const [wanted, available, found] of cases) test(`${wanted.join(', ') || 'nothing'} finds ${found}`, () => assert.equal(best(wanted, available), found));

test('a name that has no value stays visible', () => assert.equal(format('{a} and {b}', { a: 'x' }, 'en'), 'x and {b}'));
test('a value is no template', () => assert.equal(format('{a}', { a: '{b}', b: 'no' }, 'en'), '{b}'));
test('numbers are written as the language writes them', () => {
  assert.equal(format('{n}', { n: 12345 }, 'de'), '12.345');
  assert.equal(format('{n}', { n: 12345 }, 'en'), '12,345');
});
test('the plural form is the one of the language', () => {
  const message = { one: '{count} plik', few: '{count} pliki', many: '{count} plików', other: '{count} pliku' };
  assert.deepEqual([1, 3, 5].map((count) => format(message, { count }, 'pl')), ['1 plik', '3 pliki', '5 plików']);
  assert.equal(format({ other: '{count} 件' }, { count: 1 }, 'ja'), '1 件');
});
