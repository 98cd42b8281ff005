// Prints what each page costs a visitor who never saw the portal. `npm run measure`; look at it after a change of the portal.
import { launch } from './harness/browser.js';
import { Deployment } from './harness/deployment.js';
import { firstLoad } from './harness/measures.js';

const PAGES = ['/', '/customers', '/request', '/invitations', '/accept', '/partners', '/api'];
const RUNS = 5;

const [deployment, browser] = await Promise.all([Deployment.start(), launch()]);
try {
  console.log('page           KB  requests  script ms  shift   (script and shift: median of runs)');
  for (const path of PAGES) {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) {
      const context = await browser.newContext();
      runs.push(await firstLoad(await context.newPage(), deployment.base + path));
      await context.close();
    }
    const { bytes, requests } = runs[0];
    const script = median(runs.map((run) => run.script));
    const shift = median(runs.map((run) => run.shift));
    console.log(`${path.padEnd(12)}${(bytes / 1000).toFixed(1).padStart(6)}${String(requests).padStart(10)}${script.toFixed(0).padStart(11)}${shift.toFixed(3).padStart(7)}`);
  }
} finally {
  await browser.close();
  await deployment.stop();
}

/** @param {number[]} numbers */
function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}
