// What opening a page costs: bytes, and nothing that moves under the reader's eyes.
import assert from 'node:assert/strict';
import { firstLoad, shiftOf, watchShifts } from '../harness/measures.js';
import { stories } from '../harness/story.js';

const story = await stories();

const MOST_BYTES = 60_000;
const MOST_SHIFT = 0.1;

for (const path of ['/', '/customers', '/request', '/invitations', '/accept', '/partners', '/api']) {
  story(`a stranger opens ${path}`, async (scene) => {
    const page = await (await scene.somebody().browser()).newPage();
    const measured = await firstLoad(page, scene.deployment.base + path);
    assert.ok(measured.bytes < MOST_BYTES, `${measured.bytes} bytes`);
    assert.ok(measured.bytes > 5_000 && measured.requests > 3, `nothing was measured: ${JSON.stringify(measured)}`);
    assert.ok(measured.shift < MOST_SHIFT, `layout shift ${measured.shift}`);
  });
}

story('a link is opened for the first time', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const invitation = await contoso.invites({ customer: { name: 'Fabrikam' }, locale: 'ja' });
  const page = await (await scene.somebody().browser({ locale: 'ja-JP' })).newPage();
  const measured = await firstLoad(page, scene.deployment.base + invitation.path);
  await page.getByText('Contoso').first().waitFor();
  assert.ok(measured.bytes < MOST_BYTES, `${measured.bytes} bytes`);
  assert.ok(measured.shift < MOST_SHIFT, `layout shift ${measured.shift}`);
});

story('a partner and a customer who are signed in see nothing move while their pages fill', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites({ customer: { name: 'Fabrikam' } });
  await fabrikam.accepts(invitation);
  await contoso.invites({ customer: { name: 'Adatum' } });
  for (const [person, paths] of /** @type {const} */ ([
    [contoso, ['/customers', `/customers?customer=${fabrikam.tenant}`, '/request', `/request?invitation=${invitation.id}`, '/invitations']],
    [fabrikam, ['/partners', invitation.path]],
  ])) {
    const page = await person.entersAt(paths[0]);
    await watchShifts(page);
    for (const path of paths) {
      await page.goto(path);
      await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
      const shift = await shiftOf(page);
      assert.ok(shift < MOST_SHIFT, `${path}: layout shift ${shift}`);
    }
  }
});
