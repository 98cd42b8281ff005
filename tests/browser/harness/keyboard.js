// Going through a page without a mouse.
import assert from 'node:assert/strict';

/** More than any page has to be gone through. */
const MOST = 90;

/**
 * Presses Tab until that has the focus, which has to be seen.
 * @param {import('playwright-core').Page} page @param {import('playwright-core').Locator} target
 */
export async function reach(page, target) {
  for (let n = 0; n < MOST; n += 1) {
    await page.keyboard.press('Tab');
    if (!(await target.evaluate((element) => element === document.activeElement))) continue;
    assert.ok(await target.evaluate(shown), `the focus is not to be seen on ${target}`);
    return;
  }
  assert.fail(`Tab does not reach ${target}`);
}

/** In the page. @param {Element} element */
function shown(element) {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
}
