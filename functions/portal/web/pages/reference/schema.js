// JSON Schema as rows that a person reads: one for each member, with its path, its type and its rules in words.
//
// As much of JSON Schema 2020-12 as docs/openapi.json uses. What it has no words for is left out of the row and stands in the document, which the page offers.

/** @typedef {Record<string, any>} Schema */

/** @typedef {{ path: string, type: string, required: boolean, rules: string[], meaning: string }} Row */

/** Deeper than this a shape repeats itself. */
const DEPTH = 8;

/** Follows a reference within the document; what is no reference is itself. What stands beside a reference goes before what it refers to.
 * @param {Schema} document @param {Schema | undefined} schema @returns {Schema} */
export function resolve(document, schema) {
  if (schema === undefined) return {};
  const { $ref, ...beside } = schema;
  if (typeof $ref !== 'string') return schema;
  const found = $ref.slice(2).split('/').reduce((/** @type {any} */ at, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  return { ...resolve(document, found), ...beside };
}

/** A reference's name, if it is one. @param {Schema | undefined} schema @returns {string} */
export function nameOf(schema) {
  return typeof schema?.$ref === 'string' ? (schema.$ref.split('/').pop() ?? '') : '';
}

/** The members of a shape, those of nested objects and lists too: `customer.name`, `items[].id`.
 * @param {Schema} document @param {Schema | undefined} schema @returns {Row[]} */
export function rows(document, schema) {
  return within(document, whole(document, schema), '', 0);
}

/** @param {Schema} document @param {Schema} schema @param {string} prefix @param {number} depth @returns {Row[]} */
function within(document, schema, prefix, depth) {
  if (depth > DEPTH) return [];
  if (schema.items !== undefined) return within(document, whole(document, schema.items), `${prefix}[]`, depth + 1);
  return Object.entries(/** @type {Record<string, Schema>} */ (schema.properties ?? {})).flatMap(([name, member]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const full = whole(document, member);
    return [
      { path, type: typeOf(full), required: (schema.required ?? []).includes(name), rules: rules(full), meaning: full.description ?? '' },
      ...within(document, full, path, depth + 1),
    ];
  });
}

/** A schema with its references followed and its variants put together: a member of one variant is a member that may be there, and `null` as a variant is a type.
 * @param {Schema} document @param {Schema | undefined} given @returns {Schema} */
function whole(document, given) {
  const schema = resolve(document, given);
  const { allOf = [], oneOf = [], anyOf = [], ...rest } = schema;
  const all = allOf.map((/** @type {Schema} */ one) => whole(document, one));
  const any = [...oneOf, ...anyOf].map((/** @type {Schema} */ one) => whole(document, one));
  const kinds = any.filter((/** @type {Schema} */ one) => one.type !== 'null');
  /** @type {Schema} */
  const merged = Object.assign({}, ...(kinds.length === 1 ? kinds : []), ...all, rest);
  merged.properties = Object.assign({}, ...kinds.map((/** @type {Schema} */ one) => one.properties ?? {}), ...all.map((/** @type {Schema} */ one) => one.properties ?? {}), rest.properties ?? {});
  merged.required = [...all.flatMap((/** @type {Schema} */ one) => one.required ?? []), ...(rest.required ?? [])];
  if (kinds.length > 1 && merged.type === undefined) merged.type = [...new Set(kinds.flatMap((/** @type {Schema} */ one) => one.type ?? typeOf(one)))];
  if (kinds.length < any.length) merged.type = [...new Set([merged.type ?? 'object', 'null'].flat())];
  return merged;
}

/** @param {Schema} schema @returns {string} */
function typeOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const types = [schema.type ?? (Object.keys(schema.properties ?? {}).length > 0 ? 'object' : 'any')].flat();
  return types.map((type) => (type === 'array' ? 'list' : type === 'string' && schema.format ? FORMATS[schema.format] ?? type : type)).join(' or ');
}

/** @type {Record<string, string>} */
const FORMATS = { 'uuid': 'UUID', 'date-time': 'time', 'email': 'email', 'idn-email': 'email', 'uri': 'URL' };

/** What a value has to keep to, in the words of the document's language.
 * @param {Schema} schema @returns {string[]} */
function rules(schema) {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems } = schema;
  return [
    schema.enum !== undefined && schema.enum.map((/** @type {unknown} */ one) => `\`${typeof one === 'string' ? one : JSON.stringify(one)}\``).join(', '),
    span(minLength, maxLength, 'characters'),
    span(minimum, maximum, ''),
    span(minItems, maxItems, 'items'),
    schema.default !== undefined && `default \`${JSON.stringify(schema.default)}\``,
  ].filter((rule) => typeof rule === 'string' && rule !== '');
}

/** @param {number | undefined} least @param {number | undefined} most @param {string} of */
function span(least, most, of) {
  const range = least === undefined ? (most === undefined ? '' : `at most ${most.toLocaleString('en')}`) : most === undefined ? `at least ${least}` : `${least} to ${most.toLocaleString('en')}`;
  return range === '' ? '' : `${range} ${of}`.trim();
}
