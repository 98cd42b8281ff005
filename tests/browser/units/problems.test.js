// What an answer of the API, of API Gateway or of nobody becomes for a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, asProblem, problemOf } from '../../../functions/portal/web/lib/problem.js';

/** @type {[string, number, unknown, string][]} */
const cases = [
  ['a problem document has its slug', 409, { type: '/problems/has-commitments', status: 409 }, 'has-commitments'],
  ['a function that heard of no caller says signed out', 401, { type: '/problems/unauthenticated' }, 'signed-out'],
  ['so does the gateway without a token', 401, { message: 'Unauthorized' }, 'signed-out'],
  ['the gateway with a refused token', 403, { message: 'Forbidden' }, 'token-refused'],
  ['a role that is missing is no refused token', 403, { type: '/problems/forbidden', requiredRoles: ['GlobalAdmin'] }, 'forbidden'],
  ['the gateway on its own', 503, { message: 'Service Unavailable' }, 'gateway'],
  ['an answer that is no JSON', 502, null, 'gateway'],
  ['a type that is no slug of ours', 400, { type: 'https://elsewhere.example/problems/expired' }, 'gateway'],
];
for (const [name, status, body, slug] of cases) test(name, () => assert.equal(problemOf({ status }, body).slug, slug));

test('a problem keeps what the document says', () => {
  const problem = problemOf({ status: 422 }, { type: '/problems/validation-failed', title: 'Fields are wrong', detail: 'Correct them.', errors: [{ pointer: '/name', detail: 'is empty' }] });
  assert.deepEqual([problem.status, problem.title, problem.detail, problem.errors], [422, 'Fields are wrong', 'Correct them.', [{ pointer: '/name', detail: 'is empty' }]]);
});

test('any error is some problem', () => {
  const known = new Problem('expired', 410);
  assert.equal(asProblem(known), known);
  const missed = new TypeError('Failed to fetch dynamically imported module: x.js');
  assert.deepEqual([asProblem(missed).slug, asProblem(missed).slug], ['offline', 'offline']);
  assert.deepEqual([asProblem(new TypeError('import of y.js')).body.kept, asProblem(missed).body.kept], [false, true]);
  assert.equal(asProblem(new RangeError('x is not y')).slug, 'broken-page');
});
