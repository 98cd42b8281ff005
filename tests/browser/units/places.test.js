// Where an address leads, and what stands behind its `#`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place } from '../../../functions/portal/web/lib/router.js';

/** @type {[string, string, string, string][]} */
const cases = [
  ['/', '', '/', ''],
  ['/accept', '#k1.token', '/accept', 'k1.token'],
  ['/accept%23k1.token', '', '/accept', 'k1.token'],
  ['/accept/', '#k1.token', '/accept', 'k1.token'],
  ['/api', '#createInvitation', '/api', 'createInvitation'],
];
for (const [pathname, hash, path, fragment] of cases) test(`${pathname}${hash}`, () => assert.deepEqual(place(pathname, hash), { path, fragment }));
