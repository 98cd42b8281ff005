// The countries that pages offer are those of the territory table.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CODES } from '../../../functions/portal/web/lib/countries.js';

test('every country of the territory table can be chosen, and no other', () => {
  const table = readFileSync(new URL('../../../shared/data/markets.csv', import.meta.url), 'utf8');
  const known = new Set(table.trim().split('\n').slice(1).map((row) => row.slice(0, 2)));
  assert.deepEqual([...CODES].sort(), [...known].sort());
});
