// Elements from data, never from markup: the portal's pages carry no `innerHTML`, so that Trusted Types can forbid it to everybody.
//
// | function  | does |
// |---|---|
// | `h`       | makes one element with its properties and children |
// | `svg`     | the same in SVG's namespace |
// | `replace` | replaces all children of an element |

/** What may stand as a child: text, a node, nothing, or a list of these.
 * @typedef {Node | string | number | boolean | null | undefined | readonly Child[]} Child */

/** Attributes by name. `on…` functions become listeners, `true` an empty attribute, `false`, `null` and `undefined` none; `value`, `checked`, `indeterminate` and `open` are set as properties.
 * @typedef {Record<string, unknown>} Props */

/** These live on as properties: their attributes only say how it began. */
const PROPERTIES = new Set(['value', 'checked', 'indeterminate', 'selected', 'open']);

/** Makes an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]} */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** Makes an SVG element; only attributes and children make sense here.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Props | null} [props]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]} */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

/** Replaces everything in `parent`.
 * @template {Element} E
 * @param {E} parent
 * @param {...Child} children
 * @returns {E} */
export function replace(parent, ...children) {
  parent.replaceChildren(...flat(children));
  return parent;
}

/** @template {Element} E @param {E} element @param {Props | null | undefined} props @param {readonly Child[]} children @returns {E} */
function fill(element, props, children) {
  // Children come first: a select's value means nothing before its options are there.
  element.append(...flat(children));
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith('on') && typeof value === 'function') {
      element.addEventListener(name.slice(2).toLowerCase(), /** @type {EventListener} */ (value));
    } else if (PROPERTIES.has(name)) {
      if (value !== undefined && value !== null) Reflect.set(element, name, value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  return element;
}

/** Flattens, and drops what stands for nothing (`condition && node` gives `false`).
 * @param {readonly Child[]} children @returns {(Node | string)[]} */
function flat(children) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  for (const child of children) {
    if (Array.isArray(child)) nodes.push(...flat(child));
    else if (child instanceof Node) nodes.push(child);
    else if (typeof child === 'string' || typeof child === 'number') nodes.push(String(child));
  }
  return nodes;
}
