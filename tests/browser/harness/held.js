// Requests that wait until the story lets them go: what a person does meanwhile is played without a race.

/**
 * Holds back what the page asks there. The answer lets it go, then and from then on.
 * @param {import('playwright-core').Page} page @param {string | RegExp} address @param {string} [method]
 * @returns {Promise<() => void>}
 */
export async function holdsBack(page, address, method = 'GET') {
  let letGo = () => {};
  const free = new Promise((resolve) => { letGo = () => resolve(undefined); });
  await page.route(address, async (route) => {
    if (route.request().method() === method) await free;
    await route.fallback();
  });
  return letGo;
}
