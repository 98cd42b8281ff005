// What holds for every page in every state: no violation of WCAG 2.2 AA that axe can see, light and dark, and no horizontal
// scrolling from 320 to 1920 pixels.
import assert from 'node:assert/strict';
import axe from 'axe-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDE = { width: 1920, height: 900 };
const NARROW = { width: 320, height: 900 };

/** What else is looked at where nothing but the colours changed. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * @param {import('playwright-core').Page} page
 * @param {string} state how the page stands now, for the message
 */
export async function looksRight(page, state) {
  const before = page.viewportSize() ?? { width: 1280, height: 900 };
  await fits(page, state);
  // Scrolled, the bar lies over a part of something, and axe takes that part for all that one can hit.
  await page.evaluate(() => scrollTo(0, 0));
  // Narrow by day, where things come close to each other, and wide by night, where more is to be seen.
  for (const [colorScheme, runOnly, size] of /** @type {const} */ ([['light', TAGS, NARROW], ['dark', COLOURS, before]])) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await page.evaluate(settled);
    assert.deepEqual(await violations(page, runOnly), [], `${state}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

/**
 * Nothing scrolls sideways.
 * @param {import('playwright-core').Page} page @param {string} state
 */
export async function fits(page, state) {
  const before = page.viewportSize();
  for (const size of [WIDE, NARROW]) {
    await page.setViewportSize(size);
    assert.deepEqual(await page.evaluate(tooWide), [], `${state}: wider than ${size.width} px`);
  }
  if (before) await page.setViewportSize(before);
}

/** @param {import('playwright-core').Page} page @param {readonly string[]} runOnly tags or rules */
async function violations(page, runOnly) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const { violations: found, passes } = await page.evaluate(
    (only) => /** @type {any} */ (window).axe.run(document, { runOnly: only, resultTypes: ['violations'] }),
    [...runOnly],
  );
  assert.ok(passes.length > 0, 'axe looked at nothing');
  return found.map((/** @type {import('axe-core').Result} */ rule) =>
    `${rule.id}: ${rule.help}: ${rule.nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`);
}

/** In the page: until colours stopped changing, which is a matter of some frames. What inherits a colour may begin a frame later. */
async function settled() {
  const changing = () => document.getAnimations().some(({ playState, effect }) => playState === 'running' && effect?.getTiming().iterations !== Infinity);
  for (let still = 0, frame = 0; still < 4 && frame < 120; frame += 1) {
    await new Promise(requestAnimationFrame);
    still = changing() ? 0 : still + 1;
  }
}

/** In the page: what stands out of it, if it scrolls sideways. */
function tooWide() {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const out = [...document.querySelectorAll('body *')].filter((element) =>
    element.getBoundingClientRect().right > root.clientWidth + 1 && !element.closest('dialog:not([open])'));
  return [`${root.scrollWidth}: ${out.map((element) => element.outerHTML.slice(0, 120)).slice(-5).join(' | ')}`];
}
