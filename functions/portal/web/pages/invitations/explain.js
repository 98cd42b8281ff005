// What went wrong, as these pages show it.

import { h } from '../../lib/dom.js';
import { list, t } from '../../lib/i18n.js';
import { aborted, asProblem } from '../../lib/problem.js';
import { problemBox } from '../../lib/ui.js';

/** @import { Problem } from '../../lib/problem.js' */

/**
 * What was caught, as a problem; null where the page was left meanwhile.
 * @param {unknown} error
 * @returns {Problem | null}
 */
export function problemOf(error) {
  return aborted(error) ? null : asProblem(error);
}

/**
 * @param {Problem} problem
 * @param {() => unknown} [retry]
 * @returns {HTMLElement}
 */
export function explain(problem, retry) {
  const box = problemBox(problem, retry);
  if (problem.slug === 'mail-failed') box.prepend(h('p', null, h('strong', null, t('invitations.failed.title'))));
  return box;
}

/**
 * The roles of which one is enough.
 * @param {Problem} forbidden
 */
export function roles({ body }) {
  return list(body.requiredRoles ?? []);
}
