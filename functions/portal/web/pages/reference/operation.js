// One operation of the API: how it is asked, what it answers, and what may be the matter.

import { h } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { badge, copy, icon } from '../../lib/ui.js';
import { resolve, rows } from './schema.js';

/** @typedef {import('./schema.js').Schema} Schema */
/** @typedef {import('../../lib/dom.js').Child} Child */
/** @typedef {{ id: string, tag: string, method: string, path: string, summary: string, words: string, given: Schema }} Operation */

/** A table with more rows than this is closed where it can be. */
const LONG = 20;

/** The document's operations, in its order. @param {Schema} document @returns {Operation[]} */
export function operations(document) {
  return Object.entries(/** @type {Record<string, Record<string, Schema>>} */ (document.paths)).flatMap(([path, methods]) => Object.entries(methods).map(([method, given]) => ({
    id: given.operationId, tag: given.tags[0], method: method.toUpperCase(), path, summary: given.summary, given,
    words: [given.operationId, method, path, given.summary, given.description ?? '', ...Object.values(given.responses ?? {}).map((one) => resolve(document, one).description ?? '')].join(' ').toLowerCase(),
  })));
}

/** An operation, closed; what it says inside is made when it is opened first.
 * @param {Schema} document @param {Operation} operation @returns {HTMLDetailsElement} */
export function operationView(document, operation) {
  const { id, method, path, summary, given } = operation;
  const details = h('details', { class: 'operation', id },
    h('summary', null,
      h('span', { class: `method ${method.toLowerCase()}` }, method),
      h('span', { class: 'operation-name' }, h('code', null, breakable(path)), h('span', { class: 'operation-summary' }, words(summary))),
      Array.isArray(given.security) && given.security.length === 0 && badge('info', t('reference.public')),
      icon('chevron')));
  details.addEventListener('toggle', () => { if (details.open && details.children.length === 1) details.append(inside(document, operation)); });
  return details;
}

/** @param {Schema} document @param {Operation} operation */
function inside(document, { id, given }) {
  const parameters = (given.parameters ?? []).map((/** @type {Schema} */ one) => resolve(document, one));
  const body = given.requestBody === undefined ? undefined : resolve(document, given.requestBody);
  return h('div', { class: 'operation-body stack' },
    h('div', { class: 'row' }, h('a', { class: 'hint', href: `#${id}` }, `#${id}`)),
    given.description && h('p', null, words(given.description)),
    parameters.length > 0 && section(t('reference.parameters'), parameterTable(document, parameters)),
    body && section(t('reference.body'), body.description && h('p', null, words(body.description)), content(document, body, true)),
    section(t('reference.answers'), Object.entries(given.responses ?? {}).map(([status, one]) => answer(document, status, resolve(document, one)))));
}

/** @param {string} heading @param {...Child} children */
function section(heading, ...children) {
  return h('section', { class: 'stack' }, h('h3', null, heading), children);
}

/** @param {Schema} document @param {Schema[]} parameters */
function parameterTable(document, parameters) {
  return table([t('reference.name'), t('reference.where'), t('reference.meaning')], lines(parameters.map((one) => {
    const [row] = rows(document, { properties: { [one.name]: one.schema } });
    return [
      [h('code', null, one.name), one.required && mark(t('reference.required'))],
      one.in,
      [one.description && h('div', null, words(one.description)), row && h('div', { class: 'hint' }, words([row.type, ...row.rules].join(' · ')))],
    ];
  })));
}

/** One answer: a success shows its shape, a refusal its problems. @param {Schema} document @param {string} status @param {Schema} response */
function answer(document, status, response) {
  const good = status.startsWith('2');
  const headers = Object.keys(response.headers ?? {});
  const head = [badge(good ? 'ok' : status.startsWith('5') ? 'bad' : 'warn', status), words(response.description ?? '')];
  if (!good) return h('div', { class: 'answer' }, head);
  return h('div', { class: 'answer good stack' }, h('div', { class: 'answer' }, head),
    headers.length > 0 && h('p', { class: 'hint' }, `${t('reference.headers')}: `, headers.map((name, index) => [index > 0 && ', ', h('code', null, name)])),
    content(document, response, false));
}

/** The JSON of a request or an answer: its members, and an example. @param {Schema} document @param {Schema} holder @param {boolean} asked */
function content(document, holder, asked) {
  const json = holder.content?.['application/json'];
  if (json === undefined) return null;
  const members = rows(document, json.schema);
  const about = resolve(document, json.schema).description;
  const example = json.example ?? /** @type {Schema | undefined} */ (Object.values(json.examples ?? {})[0])?.value;
  return [
    about && h('p', null, words(about)),
    members.length > 0 && memberTable(members, asked),
    example !== undefined && exampleView(example),
  ];
}

/** A long table begins with what stands at the top; what is within opens there.
 * @param {import('./schema.js').Row[]} members @param {boolean} asked whether the caller sends it; what it receives is marked the other way round, for there the rule is that a member is there */
function memberTable(members, asked) {
  /** @type {Map<string, import('./schema.js').Row[]>} */
  const top = new Map();
  for (const row of members) {
    const name = /^(\[\])?[^.[]+/.exec(row.path)?.[0] ?? row.path;
    top.set(name, [...(top.get(name) ?? []), row]);
  }
  const long = members.length > LONG;
  const line = (/** @type {import('./schema.js').Row} */ row, /** @type {Child} */ name = h('code', null, breakable(row.path))) => h('tr', null,
    h('th', { scope: 'row' }, name, asked ? row.required && mark(t('reference.required')) : !row.required && mark(t('reference.absent'))),
    h('td', null, words(row.type)),
    h('td', null, row.meaning && h('div', null, words(row.meaning)), row.rules.length > 0 && h('div', { class: 'hint' }, words(row.rules.join(' · ')))));
  return table([t('reference.name'), t('reference.type'), t('reference.meaning')], [...top.values()].flatMap(([first, ...inner]) => {
    if (first === undefined) return [];
    if (!long || inner.length === 0) return h('tbody', null, line(first), inner.map((row) => line(row)));
    const within = h('tbody', { hidden: true }, inner.map((row) => line(row)));
    const button = h('button', {
      type: 'button', class: 'opens', 'aria-expanded': 'false',
      onclick: () => { within.hidden = !within.hidden; button.setAttribute('aria-expanded', String(!within.hidden)); },
    }, h('code', null, first.path), icon('chevron'));
    return [h('tbody', null, line(first, button)), within];
  }));
}

/** @param {unknown} example */
function exampleView(example) {
  const text = JSON.stringify(example, null, 2);
  const shown = h('code', null, text);
  return h('details', { class: 'example' }, h('summary', null, t('reference.example')),
    h('div', { class: 'code' },
      h('button', { type: 'button', class: 'button small', onclick: () => void copy(text, shown) }, icon('copy'), t('action.copy')),
      h('pre', { tabindex: 0, role: 'region', 'aria-label': t('reference.example') }, shown)));
}

/** Every problem that there is: its name, its status, what it says, and what else it brings. @param {Schema} document */
export function problemTable(document) {
  const problems = Object.entries(/** @type {Record<string, Schema>} */ (document.components.schemas)).filter(([name]) => name.startsWith('Problem-'));
  const common = new Set(rows(document, document.components.schemas.Problem).map((row) => row.path));
  return table([t('reference.name'), t('reference.status'), t('reference.meaning')], lines(problems.map(([name, schema]) => {
    const members = rows(document, schema).filter((row) => !common.has(row.path) && !/[.[]/.test(row.path));
    return [
      h('code', null, name.slice('Problem-'.length)),
      String(schema.properties.status.const),
      [h('div', null, words(schema.examples?.[0]?.title ?? '')), members.length > 0 && h('div', { class: 'hint' }, members.map((row, index) => [index > 0 && ', ', h('code', null, row.path)]))],
    ];
  })));
}

/** @param {string[]} heads @param {Child} bodies */
function table(heads, bodies) {
  return h('table', { class: 'table members' }, h('thead', null, h('tr', null, heads.map((head) => h('th', { scope: 'col' }, head)))), bodies);
}

/** @param {Child[][]} lines */
function lines(lines) {
  return h('tbody', null, lines.map(([first, ...cells]) => h('tr', null, h('th', { scope: 'row' }, first), cells.map((cell) => h('td', null, cell)))));
}

/** @param {string} text */
function mark(text) {
  return h('span', { class: 'mark' }, text);
}

/** Text of the document with its `code`: in English, whatever the page around it speaks. @param {string} text @returns {HTMLElement} */
export function words(text) {
  return h('span', { lang: 'en' }, text.split('`').map((part, index) => (index % 2 === 1 ? h('code', null, part) : part)));
}

/** A path that may be broken after its parts, so that it fits a narrow screen. @param {string} path @returns {Child[]} */
function breakable(path) {
  return path.split(/(?<=[/.])/).flatMap((part, index) => (index === 0 ? [part] : [h('wbr', null), part]));
}
