// A partner looks after its invitations: what stands where, and what can be done with it.
import assert from 'node:assert/strict';
import { holdsBack } from '../harness/held.js';
import { looksRight } from '../harness/looks.js';
import { stories } from '../harness/story.js';

const story = await stories();

/** @typedef {import('playwright-core').Page} Page */

/** The row of that customer, expanded. @param {Page} page @param {string} name */
async function expanded(page, name) {
  const row = page.getByRole('listitem').filter({ has: page.getByRole('button', { name, exact: true }) });
  await row.getByRole('button', { name, exact: true }).click();
  await row.getByText('Invitation ID').waitFor();
  return row;
}

story('a partner without invitations is told how to begin', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.entersAt('/invitations');
  await page.getByText('No invitations yet').waitFor();
  await looksRight(page, 'no invitations');
  await page.getByRole('button', { name: 'Declined' }).click();
  await page.getByText('No such invitations').waitFor();
  await looksRight(page, 'no declined invitations');
});

story('every state of an invitation stands in the list, with its reason and its mail', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const named = (/** @type {string} */ name, more = {}) => contoso.invites({ customer: { name }, ...more });
  await named('Alpine', { expiresInDays: 1 });
  await scene.deployment.pass(2);
  await fabrikam.accepts(await named('Fabrikam'));
  await scene.customer('Adatum').declines(await named('Adatum'), 'We have a partner already.');
  const revoked = await named('Proseware');
  await contoso.does('POST', `/v1/invitations/${revoked.id}/revoke`);
  const bounced = await contoso.invites({ customer: { name: 'Tailspin', email: fabrikam.email }, send: true });
  const [{ messageId }] = await scene.deployment.mailTo(fabrikam.email);
  await scene.deployment.mailEvent({ messageId, type: 'bounce', reason: 'no such mailbox' });
  await contoso.invites({});

  const page = await contoso.entersAt('/invitations');
  await page.getByRole('button', { name: 'Customer not named' }).waitFor();
  await page.getByText('We have a partner already.').waitFor();
  await looksRight(page, 'the list');
  const states = { Alpine: 'Expired', Fabrikam: 'Accepted', Adatum: 'Declined', Proseware: 'Revoked', Tailspin: 'Bounced' };
  for (const [name, state] of Object.entries(states)) {
    const row = await expanded(page, name);
    await row.locator('.badge').filter({ hasText: state }).first().waitFor();
    await row.getByText('Valid until').or(row.getByText(state)).first().waitFor();
  }
  await page.getByText('no such mailbox').waitFor();
  await looksRight(page, 'the list, expanded');

  await page.getByRole('button', { name: 'Declined', exact: true }).first().click();
  await page.getByText('We have a partner already.').waitFor();
  assert.equal(await page.getByRole('list', { name: 'Invitations' }).locator('> li').count(), 1);
  await page.reload();
  await page.getByText('We have a partner already.').waitFor();
  assert.equal(await page.getByRole('list', { name: 'Invitations' }).locator('> li').count(), 1);
  assert.equal((await contoso.invitation(bounced)).delivery.status, 'bounced');
});

story('renewing gives a new link, says that the old one is dead, and it is', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const before = await contoso.invites({ customer: { name: 'Fabrikam' } });
  const page = await contoso.entersAt('/invitations');
  const row = await expanded(page, 'Fabrikam');
  const link = row.getByLabel('Link for the customer');
  assert.equal(await link.inputValue(), before.link);
  await row.getByRole('button', { name: 'Renew' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The old link stops working at once').waitFor();
  await looksRight(page, 'asked before renewing');
  await dialog.getByRole('button', { name: 'Renew' }).click();
  await row.getByText('The old link no longer works').waitFor();
  const after = await link.inputValue();
  assert.notEqual(after, before.link);
  scene.guard.secret(new URL(after).hash.slice(1));
  await looksRight(page, 'renewed');

  const customer = await scene.somebody().opens(before.path);
  await customer.getByRole('heading', { level: 1 }).waitFor();
  await customer.getByText(/newer/).first().waitFor();
  await customer.goto(`/accept${new URL(after).hash}`);
  await customer.getByText('Contoso').first().waitFor();
});

story('an expired invitation is renewed', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const before = await contoso.invites({ customer: { name: 'Fabrikam' }, expiresInDays: 1 });
  await scene.deployment.pass(2);
  const page = await contoso.entersAt('/invitations');
  const row = await expanded(page, 'Fabrikam');
  await row.getByRole('button', { name: 'Renew' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
  await row.getByText('The old link no longer works').waitFor();
  assert.equal((await contoso.invitation(before)).status, 'pending');
});

story('an invitation is sent again, to another address', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await contoso.invites({ customer: { name: 'Fabrikam', email: fabrikam.email }, send: true });
  const page = await contoso.entersAt('/invitations');
  const row = await expanded(page, 'Fabrikam');
  await row.getByRole('button', { name: 'Send again' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('Send to').inputValue(), fabrikam.email);
  await looksRight(page, 'asked before sending');
  await dialog.getByLabel('Send to').fill(`other@${fabrikam.domain}`);
  await scene.deployment.mailFails('reject');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await dialog.getByText('was not sent').waitFor();
  await looksRight(page, 'not sent');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await row.getByText(`Sent to other@${fabrikam.domain}`).waitFor();
  assert.equal((await scene.deployment.mailTo(`other@${fabrikam.domain}`)).length, 1);
});

story('an address that bounced is mailed again only on purpose', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await contoso.invites({ customer: { name: 'Fabrikam', email: fabrikam.email }, send: true });
  const [{ messageId }] = await scene.deployment.mailTo(fabrikam.email);
  await scene.deployment.mailEvent({ messageId, type: 'bounce' });
  const page = await contoso.entersAt('/invitations');
  const row = await expanded(page, 'Fabrikam');
  await row.getByRole('button', { name: 'Send again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await page.getByText('This address takes no emails of yours').waitFor();
  await looksRight(page, 'the address is blocked');
  assert.equal((await scene.deployment.mailTo(fabrikam.email)).length, 1);
  await page.getByRole('button', { name: 'Send all the same' }).click();
  await row.getByText(`Sent to ${fabrikam.email}`).waitFor();
  assert.equal((await scene.deployment.mailTo(fabrikam.email)).length, 2);
});

story('an invitation is revoked, after a question', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const invitation = await contoso.invites({ customer: { name: 'Fabrikam' } });
  const page = await contoso.entersAt('/invitations');
  const row = await expanded(page, 'Fabrikam');
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await contoso.invitation(invitation)).status, 'pending');
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('The invitation for Fabrikam is revoked.').waitFor();
  assert.equal((await contoso.invitation(invitation)).status, 'revoked');

  // What was asked of one customer is asked again without typing it again.
  await row.getByRole('button', { name: 'Request again' }).click();
  await page.waitForURL('**/request');
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
});

story('the link is copied from the list', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const { link } = await contoso.invites({ customer: { name: 'Fabrikam' } });
  const page = await contoso.entersAt('/invitations');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const row = await expanded(page, 'Fabrikam');
  await row.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Copied').first().waitFor();
  assert.equal(await row.getByLabel('Link for the customer').inputValue(), link);
});

story('two partners at once see their own invitations only', async (scene) => {
  const [contoso, northwind] = await Promise.all([scene.partner('Contoso'), scene.partner('Northwind')]);
  await contoso.invites({ customer: { name: 'Fabrikam' } });
  await northwind.invites({ customer: { name: 'Adatum' } });
  const [one, two] = await Promise.all([contoso.entersAt('/invitations'), northwind.entersAt('/invitations')]);
  await one.getByRole('button', { name: 'Fabrikam' }).waitFor();
  await two.getByRole('button', { name: 'Adatum' }).waitFor();
  assert.equal(await one.getByText('Adatum').count(), 0);
  assert.equal(await two.getByText('Fabrikam').count(), 0);
});

story('more invitations than one page come by Show more, and are not lost where the table is busy', async (scene) => {
  const contoso = await scene.partner('Contoso');
  for (let n = 0; n < 27; n += 1) await contoso.invites({ customer: { name: `Customer ${n}` } });
  const page = await contoso.entersAt('/invitations');
  const rows = page.getByRole('list', { name: 'Invitations' }).locator('> li');
  await page.getByRole('button', { name: 'Show more' }).waitFor();
  assert.equal(await rows.count(), 25);
  await scene.deployment.storeFails('throttle');
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 30_000 });
  // Whoever does without a mouse goes on where it goes on.
  const again = page.getByRole('button', { name: 'Try again' });
  assert.ok(await again.evaluate((element) => element === document.activeElement));
  await looksRight(page, 'the table is busy');
  assert.equal(await rows.count(), 25);
  await scene.deployment.storeFails(null);
  // Pressed twice, the page comes once.
  await again.focus();
  const letGo = await holdsBack(page, '**/v1/invitations?*');
  await page.keyboard.press('Enter');
  await page.locator('.pager button[aria-busy=true]').waitFor();
  await page.keyboard.press('Enter');
  letGo();
  await rows.nth(26).waitFor();
  assert.ok(await rows.nth(25).getByRole('button').first().evaluate((element) => element === document.activeElement));
  await page.waitForLoadState('networkidle');
  assert.equal(await rows.count(), 27);
});

story('without a network the page says so, and goes on when it is back', async (scene) => {
  const contoso = await scene.partner('Contoso');
  await contoso.invites({ customer: { name: 'Fabrikam' } });
  const page = await contoso.entersAt('/invitations');
  await page.getByRole('button', { name: 'Fabrikam' }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Pending' }).click();
  await page.getByText('No answer came').waitFor();
  await looksRight(page, 'offline');
  await page.context().setOffline(false);
  const row = page.getByRole('button', { name: 'Fabrikam' });
  await row.waitFor();
  // A row that could not be read stays open, and says what to press.
  await page.context().setOffline(true);
  await row.click();
  await page.getByText('No answer came').waitFor();
  await page.context().setOffline(false);
  await page.waitForFunction(() => navigator.onLine);
  assert.equal(await row.getAttribute('aria-expanded'), 'true');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Copy link' }).waitFor();
});

story('an invitation that a colleague revoked meanwhile says so', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const invitation = await contoso.invites({ customer: { name: 'Fabrikam' } });
  const page = await contoso.entersAt('/invitations');
  const row = await expanded(page, 'Fabrikam');
  await contoso.does('POST', `/v1/invitations/${invitation.id}/revoke`);
  await row.getByRole('button', { name: 'Renew' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
  await page.getByRole('dialog').getByText(/took this invitation back|revoked/).first().waitFor();
  await looksRight(page, 'revoked meanwhile');
});

story('who tries again goes on at the invitation that is open', async (scene) => {
  const contoso = await scene.partner('Contoso');
  await contoso.invites({ customer: { name: 'Fabrikam' } });
  const page = await contoso.entersAt('/invitations');
  const toggle = page.getByRole('button', { name: 'Fabrikam' });
  await toggle.waitFor();
  await page.route('**/v1/invitations/*', (route) => route.fulfill({ status: 500 }), { times: 1 });
  await toggle.click();
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await page.getByText('Invitation ID').waitFor();
  assert.ok(await toggle.evaluate((element) => element === document.activeElement));
});
