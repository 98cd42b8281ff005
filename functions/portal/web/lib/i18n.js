// What people read, in their language.
//
// Texts live in `text/<area>/<language>.js`, flat keys that begin with the area's name or, for the shell, with what they belong to. English is complete and is the type of the others.
// A page belongs to one area, and an area has the languages that it has: the whole window speaks the best of those, so that no page mixes two.
//
// Which language: the one that the person chose, else the one that the page prefers (an invitation's), else the browser's, else English.

/** A message: text with `{names}`, or one text for each plural form that the language has, chosen by `count`.
 * @typedef {string | (Partial<Record<Intl.LDMLPluralRule, string>> & { other: string })} Message */

/** The type of a translation: every key of the English one.
 * @template T
 * @typedef {{ [K in keyof T]: Message }} Translation */

/** Languages of the customer's side: those of the mail that brings the customer here. */
const ALL = ['en', 'ja', 'de', 'fr', 'es', 'pt-BR', 'it', 'nl', 'pl', 'ko', 'zh-Hans', 'zh-Hant'];

/** The languages of each area.
 * @type {Record<string, readonly string[]>} */
const AREAS = { shell: ALL, customer: ALL, customers: ['en', 'ja'], invitations: ['en', 'ja'] };

const CHOSEN = 'portal.language';

/** @type {Map<string, Message>} */
const catalog = new Map();
/** Which language each area was loaded in. @type {Map<string, string>} */
const loaded = new Map();
let area = 'shell';
/** @type {string | null} */
let preferred = null;

/** The languages that an area's texts are there in; of the page that is shown, when no area is named.
 * @param {string} [of] @returns {readonly string[]} */
export function languages(of = area) {
  return AREAS[of] ?? ['en'];
}

/** The language of what is shown. */
export function language() {
  return best(wishes(), languages());
}

/** The person chooses a language, and the browser remembers it. Everything is rendered again.
 * @param {string} tag */
export function setLanguage(tag) {
  try { localStorage.setItem(CHOSEN, tag); } catch { /* Storage may be closed to pages; then it holds until the page is left. */ }
  preferred = tag;
  document.dispatchEvent(new Event('languagechange'));
}

/** The page's own wish, such as an invitation's locale: used unless the person chose.
 * @param {string | null} tag */
export function preferLanguage(tag) {
  const before = language();
  preferred = tag;
  if (language() !== before) document.dispatchEvent(new Event('languagechange'));
}

/** A page of this area is about to be shown: its texts and the shell's are loaded, in one language.
 * @param {string} next @returns {Promise<void>} */
export async function enterArea(next) {
  area = next;
  document.documentElement.lang = language();
  await Promise.all([loadText('shell'), loadText(next)]);
}

/** Loads an area's texts in the language of what is shown, or the best that the area has.
 * @param {string} of @returns {Promise<void>} */
export async function loadText(of) {
  const wanted = () => best([language()], languages(of));
  const tag = wanted();
  if (loaded.get(of) === tag) return;
  const { default: texts } = /** @type {{ default: Record<string, Message> }} */ (await import(`../text/${of}/${tag}.js`));
  // Another language was chosen meanwhile, and its texts may be here already.
  if (tag !== wanted()) return;
  for (const [key, message] of Object.entries(texts)) catalog.set(key, message);
  loaded.set(of, tag);
}

/** Whether there is such a message. @param {string} key */
export function has(key) {
  return catalog.has(key);
}

/** A message in the language of what is shown. A key that is not there shows itself and is an error in the console: tests fail on it.
 * @param {string} key
 * @param {Record<string, unknown>} [values] what stands for `{names}`; `count` also chooses the plural form
 * @returns {string} */
export function t(key, values = {}) {
  const message = catalog.get(key);
  if (message === undefined) {
    console.error(`no text for ${key}`);
    return key;
  }
  return format(message, values, language());
}

/** Fills a message in. Numbers are written as the language writes them.
 * @param {Message} message @param {Record<string, unknown>} values @param {string} tag @returns {string} */
export function format(message, values, tag) {
  const text = typeof message === 'string' ? message : (message[new Intl.PluralRules(tag).select(Number(values.count))] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (typeof value === 'number') return new Intl.NumberFormat(tag).format(value);
    return value === undefined || value === null ? whole : String(value);
  });
}

/** The first wish that can be met: exactly, then by language alone; Chinese by the script that its region writes.
 * @param {readonly string[]} wanted @param {readonly string[]} available @returns {string} */
export function best(wanted, available) {
  for (const wish of wanted) {
    const tag = chinese(wish) ?? wish;
    const exact = available.find((one) => one.toLowerCase() === tag.toLowerCase());
    const found = exact ?? available.find((one) => one.split('-')[0] === tag.toLowerCase().split('-')[0] && chinese(tag) === null);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** @param {string} tag */
function chinese(tag) {
  if (!/^zh\b/i.test(tag)) return null;
  return /hant|\b(tw|hk|mo)\b/i.test(tag) ? 'zh-Hant' : 'zh-Hans';
}

/** What the person would like, best first. */
function wishes() {
  /** @type {string | null} */
  let chosen = null;
  try { chosen = localStorage.getItem(CHOSEN); } catch { /* No storage, no memory of a choice. */ }
  return [chosen, preferred, ...navigator.languages].filter((tag) => tag !== null);
}

/** A day, such as "25 November 2026", in the person's own time zone.
 * @param {string | null | undefined} iso @returns {string} */
export function date(iso) {
  return moment(iso, { dateStyle: 'long' });
}

/** A day and the minute. @param {string | null | undefined} iso @returns {string} */
export function dateTime(iso) {
  return moment(iso, { dateStyle: 'medium', timeStyle: 'short' });
}

/** @param {string | null | undefined} iso @param {Intl.DateTimeFormatOptions} options */
function moment(iso, options) {
  const at = new Date(iso ?? '');
  return Number.isNaN(at.getTime()) ? '' : new Intl.DateTimeFormat(language(), options).format(at);
}

/** How far away that is, in the unit that one would say: "in 3 days", "yesterday".
 * @param {string | null | undefined} iso @param {number} [now] milliseconds since 1970 @returns {string} */
export function relative(iso, now = Date.now()) {
  const at = new Date(iso ?? '').getTime();
  if (Number.isNaN(at)) return '';
  const seconds = (at - now) / 1000;
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const units = [['year', 31_557_600], ['month', 2_629_800], ['day', 86_400], ['hour', 3600], ['minute', 60]];
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}

/** A country's name. @param {string | null | undefined} code ISO 3166, two letters @returns {string} */
export function country(code) {
  if (!code) return '';
  try {
    return new Intl.DisplayNames([language(), 'en'], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A language's name for itself, as a menu of languages shows it. @param {string} tag @returns {string} */
export function languageName(tag) {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
}

/** @param {number} n @returns {string} */
export function number(n) {
  return new Intl.NumberFormat(language()).format(n);
}

/** "a, b and c". @param {readonly string[]} strings @returns {string} */
export function list(strings) {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(strings);
}
