// The texts of all languages say the same things: same keys, same {names}, the plural forms that the language has.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** @typedef {Record<string, string | Record<string, string>>} Texts */

const folder = fileURLToPath(new URL('../../../functions/portal/web/text/', import.meta.url));
const areas = readdirSync(folder);

/** These modules import nothing, so that they can be read without a server. @param {string} area @param {string} language @returns {Promise<Texts>} */
async function texts(area, language) {
  const source = readFileSync(join(folder, area, `${language}.js`), 'utf8');
  return (await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`)).default;
}

/** @param {string} text */
const names = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();

test('there are texts', () => assert.ok(areas.length >= 4, areas.join()));

for (const area of areas) {
  const languages = readdirSync(join(folder, area)).map((file) => file.replace(/\.js$/, ''));
  const english = await texts(area, 'en');
  for (const language of languages) {
    test(`${area} in ${language}`, async () => {
      const translated = await texts(area, language);
      assert.deepEqual(Object.keys(translated).sort(), Object.keys(english).sort());
      const forms = new Set(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
      for (const [key, message] of Object.entries(translated)) {
        const ours = english[key];
        const expected = names(typeof ours === 'string' ? ours : ours.other);
        for (const [form, text] of Object.entries(typeof message === 'string' ? { other: message } : message)) {
          assert.ok(text.trim(), `${key} is empty`);
          // "One customer" may leave its number out; nothing else may leave anything out.
          const wanted = form === 'one' ? expected.filter((name) => name !== 'count' || text.includes('{count}')) : expected;
          assert.deepEqual(names(text), wanted, `${key} ${form}`);
        }
        if (typeof message === 'string') continue;
        assert.ok(Object.keys(message).every((form) => forms.has(/** @type {Intl.LDMLPluralRule} */ (form))), `${key}: a form that ${language} has not`);
      }
    });
  }
}
