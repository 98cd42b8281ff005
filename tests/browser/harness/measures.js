// What a page costs when it is opened for the first time: bytes as they came, shifts of its layout, and time of its scripts.
//
// Bytes are those of the portal's own files, packed as they came, without what they show (answers of the API, its description), and
// without headers: deployed, these come by HTTP/2, which sends what all answers say alike once.

/** @typedef {{ bytes: number, requests: number, shift: number, script: number }} Measured script in milliseconds */

/**
 * Opens a path in a page that never saw the portal, and waits until it is quiet.
 * @param {import('playwright-core').Page} page @param {string} url
 * @returns {Promise<Measured>}
 */
export async function firstLoad(page, url) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Performance.enable');
  /** @type {Set<string>} */
  const ours = new Set();
  let bytes = 0;
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/v1/') && !pathname.startsWith('/_local/') && pathname !== '/openapi.json') ours.add(requestId);
  });
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (ours.has(requestId)) bytes -= response.encodedDataLength; // so far its headers
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (ours.has(requestId)) bytes += encodedDataLength;
  });
  await watchShifts(page);
  await page.goto(url);
  const shift = await shiftOf(page);
  const { metrics } = await session.send('Performance.getMetrics');
  const script = (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1000;
  await session.detach();
  return { bytes, requests: ours.size, shift, script };
}

/** From its next page on, what moves by itself in this tab is added up. @param {import('playwright-core').Page} page */
export async function watchShifts(page) {
  await page.addInitScript(() => {
    const seen = { shift: 0 };
    /** @type {any} */ (window).measured = seen;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += /** @type {any} */ (entry).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** What has moved since the page was opened, once it is quiet. @param {import('playwright-core').Page} page @returns {Promise<number>} */
export async function shiftOf(page) {
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(300); // shifts are reported with the next frames
  return page.evaluate(() => /** @type {any} */ (window).measured.shift);
}
