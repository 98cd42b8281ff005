// The customer's link: who asks for what, and the answer.
import assert from 'node:assert/strict';
import { reach } from '../harness/keyboard.js';
import { looksRight } from '../harness/looks.js';
import { stories } from '../harness/story.js';

const story = await stories();

/** @typedef {import('playwright-core').Page} Page */

const ASKS = 'Contoso asks for a reseller relationship';
const ACCEPTED = 'You accepted: Contoso is your reseller';

/** What the tab keeps. @param {Page} page */
const kept = (page) => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));

/** @param {Page} page @param {string} name */
const titled = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

/** Fills in what is asked of an organisation that is new here. @param {Page} page @param {import('../harness/person.js').Person} customer */
async function describes(page, customer) {
  await page.getByText('About your organization').click();
  await page.getByLabel('Company name').fill(customer.name);
  await page.getByLabel('Primary domain').fill(customer.domain);
  await page.getByLabel('Country or region').selectOption(customer.country);
}

story('a customer sees who asks for what, signs in and accepts', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites({ customer: { name: 'Fabrikam' } });
  const page = await fabrikam.opens(invitation.path);
  await titled(page, ASKS);
  for (const words of ['with delegated administration privileges', 'Create users, change them', 'Looking at this page decides nothing', `help@${contoso.domain}`, 'Valid until']) {
    await page.getByText(words).first().waitFor();
  }
  await looksRight(page, 'the request');
  // The token is gone from the address, and waits in this tab alone.
  assert.equal(page.url(), `${scene.deployment.base}/accept`);
  assert.ok((await kept(page)).includes(invitation.token));

  await fabrikam.signsIn(page);
  await titled(page, ASKS);
  await page.getByText('Signed in as Fabrikam admin').waitFor();
  await looksRight(page, 'signed in');
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByText('Accepting includes the customer agreement').waitFor();
  await looksRight(page, 'the agreement is missing');
  await page.getByLabel('I have read version').check();
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByText('Your organization is new here').waitFor();
  await looksRight(page, 'the organisation is unknown');
  await page.getByLabel('Company name').fill('Fabrikam');
  await page.getByLabel('Primary domain').fill(fabrikam.domain);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await titled(page, ACCEPTED);
  await looksRight(page, 'accepted');
  assert.ok(!(await kept(page)).includes(invitation.token), 'the token is kept after the answer');
  assert.equal((await contoso.record(fabrikam)).relationship.delegatedAdmin, 'granted');

  // A reload and the way back show the outcome, and accept nothing again.
  await page.reload();
  await titled(page, ACCEPTED);
  await page.getByRole('link', { name: 'See your partners' }).click();
  await page.waitForURL('**/partners');
  await page.getByRole('heading', { name: 'Contoso' }).waitFor();
  await page.goBack();
  await titled(page, ACCEPTED);
});

story('without delegated administration the page says so', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await scene.somebody().opens((await contoso.invites({ includeDelegatedAdmin: false })).path);
  await titled(page, ASKS);
  await page.getByText('without administrative access').waitFor();
  assert.equal(await page.getByText('Create users, change them').count(), 0);
  await looksRight(page, 'without delegated administration');
});

story('opening the link a hundred times changes nothing', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites();
  const before = await contoso.invitation(invitation);
  const browser = await scene.somebody().browser();
  const looks = async () => {
    const page = await browser.newPage();
    for (let n = 0; n < 25; n += 1) {
      const answered = page.waitForResponse('**/v1/invitations/preview');
      if (n % 2 === 0) await page.goto(invitation.path);
      else await page.reload();
      assert.equal((await answered).status(), 200);
    }
    await titled(page, ASKS);
  };
  await Promise.all([looks(), looks(), looks(), looks()]);
  assert.deepEqual(await contoso.invitation(invitation), before);
  await fabrikam.accepts(invitation);
});

story('a customer declines with a reason, which the partner sees', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites();
  const page = await fabrikam.opens(invitation.path);
  await fabrikam.signsIn(page);
  await page.getByRole('button', { name: 'Decline', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('x'.repeat(501));
  await dialog.getByText('1 character too many').first().waitFor();
  await dialog.getByLabel('Reason').fill('We have a partner already.');
  await dialog.getByText('474 characters left').waitFor();
  await looksRight(page, 'asked before declining');
  await dialog.getByRole('button', { name: 'Decline the request' }).click();
  await titled(page, 'You declined the request of Contoso');
  await looksRight(page, 'declined');
  assert.ok(!(await kept(page)).includes(invitation.token));
  const seen = await contoso.invitation(invitation);
  assert.deepEqual([seen.status, seen.reason], ['declined', 'We have a partner already.']);

  await page.goto(invitation.path);
  await titled(page, 'This invitation has been declined');
});

story('every ended link says why, and what to do', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const invitation = (more = {}) => contoso.invites(more);
  const [accepted, declined, revoked, expired, renewed] = [await invitation(), await invitation(), await invitation(), await invitation({ expiresInDays: 1 }), await invitation()];
  await scene.customer('Fabrikam').accepts(accepted);
  await scene.customer('Adatum').declines(declined, 'A secret reason');
  await contoso.does('POST', `/v1/invitations/${revoked.id}/revoke`);
  await contoso.renews(renewed);
  await scene.deployment.pass(2);
  const page = await (await scene.somebody().browser()).newPage();
  /** @type {[string, string][]} */
  const links = [
    [accepted.path, 'This invitation has been accepted'],
    [declined.path, 'This invitation has been declined'],
    [revoked.path, 'This invitation has been withdrawn'],
    [expired.path, 'This invitation has expired'],
    [renewed.path, 'This link cannot be opened'],
    [`${renewed.path.slice(0, -3)}AAA`, 'This link cannot be opened'],
    ['/accept#nonsense', 'This link cannot be opened'],
  ];
  for (const [path, heading] of links) {
    await page.goto(path);
    await titled(page, heading);
    await looksRight(page, heading);
    assert.equal(page.url(), `${scene.deployment.base}/accept`);
    assert.equal(await page.getByText(/Fabrikam|Adatum|A secret reason/).count(), 0);
  }
});

story('an invitation that expires while it is read says so when it is answered', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites({ expiresInDays: 1 });
  const page = await fabrikam.opens(invitation.path);
  await fabrikam.signsIn(page);
  await page.getByLabel('I have read version').check();
  await describes(page, fabrikam);
  await scene.deployment.pass(1.01);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  // A sign-in of an hour ran out as well: the person signs in again, here.
  const dialog = page.getByRole('dialog');
  await dialog.or(page.getByRole('heading', { level: 1, name: 'This invitation has expired' })).first().waitFor();
  if (await dialog.isVisible()) {
    const popup = page.waitForEvent('popup');
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await fabrikam.becomes(await popup);
  }
  await titled(page, 'This invitation has expired');
  assert.equal((await contoso.invitation(invitation)).status, 'expired');
});

story('a link whose # a mail scanner rewrote opens all the same', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const invitation = await contoso.invites();
  const page = await (await scene.somebody().browser()).newPage();
  scene.guard.forgives(invitation.token);
  await page.goto(`/accept%23${invitation.token}`);
  await titled(page, ASKS);
  assert.equal(page.url(), `${scene.deployment.base}/accept`);
});

story('a pasted link works: whole, wrapped over lines, or its token alone', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const { link, token } = await contoso.invites();
  const page = await scene.somebody().opens('/accept');
  const wrapped = `${link.slice(0, 60)}\n  ${link.slice(60)}`;
  for (const [pasted, way] of [[link, 'button'], [wrapped, 'Enter'], [token, 'button'], [`<${link}>`, 'button']]) {
    await titled(page, 'Open an invitation');
    await page.getByLabel('Link of the invitation').fill(String(pasted));
    if (way === 'Enter') await page.getByLabel('Link of the invitation').press('Enter');
    else await page.getByRole('button', { name: 'Open the invitation' }).click();
    await titled(page, ASKS);
    assert.equal(page.url(), `${scene.deployment.base}/accept`);
    await page.getByRole('button', { name: 'Open another invitation' }).click();
  }
  await looksRight(page, 'a place to paste');
  await page.getByRole('button', { name: 'Open the invitation' }).click();
  await page.getByText('Paste the link from the mail first.').waitFor();
  await page.getByLabel('Link of the invitation').fill(String(link.split('#')[0]));
  await page.getByRole('button', { name: 'Open the invitation' }).click();
  await page.getByText('The part of the link behind # is missing').waitFor();
  await looksRight(page, 'half a link was pasted');
});

story('a link pasted on the home page opens too', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const { link } = await contoso.invites();
  const page = await scene.somebody().opens('/');
  const open = page.getByRole('button', { name: 'Open the invitation' });
  await open.click();
  await page.getByText('Paste the link from the mail first.').waitFor();
  await page.getByLabel('Paste its link').fill(String(link.split('#')[0]));
  await open.click();
  await page.getByText('The part of the link behind # is missing').waitFor();
  await page.getByLabel('Paste its link').fill(link);
  await open.click();
  await titled(page, ASKS);
  assert.equal(page.url(), `${scene.deployment.base}/accept`);
});

story('another link in the same tab is another invitation', async (scene) => {
  const [contoso, northwind] = await Promise.all([scene.partner('Contoso'), scene.partner('Northwind')]);
  const [one, two] = await Promise.all([contoso.invites(), northwind.invites()]);
  const page = await scene.somebody().opens(one.path);
  await titled(page, ASKS);
  await page.goto(two.path);
  await titled(page, 'Northwind asks for a reseller relationship');
  assert.equal(await page.getByText('Contoso').count(), 0);
  assert.ok(!(await kept(page)).includes(one.token));
});

story('two partners at once: each invitation is answered in its own tab', async (scene) => {
  const [contoso, northwind] = await Promise.all([scene.partner('Contoso'), scene.partner('Northwind')]);
  const fabrikam = scene.customer('Fabrikam');
  const [one, two] = await Promise.all([contoso.invites(), northwind.invites()]);
  const first = await fabrikam.opens(one.path);
  const second = await first.context().newPage();
  await second.goto(two.path);
  await fabrikam.signsIn(first);
  await fabrikam.signsIn(second);
  for (const page of [first, second]) {
    await page.bringToFront();
    await page.getByLabel('I have read version').check();
    if (page === first) await describes(page, fabrikam);
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await titled(page, page === first ? ACCEPTED : 'You accepted: Northwind is your reseller');
  }
  const { items } = await fabrikam.does('GET', '/v1/partners');
  assert.deepEqual(items.map((/** @type {any} */ item) => item.name).sort(), ['Contoso', 'Northwind']);
});

story('a link that names another organisation says so, and lets another account answer', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const [fabrikam, adatum] = [scene.customer('Fabrikam'), scene.customer('Adatum')];
  const invitation = await contoso.invites({ customer: { tenantId: fabrikam.tenant } });
  const page = await adatum.opens(invitation.path);
  await adatum.signsIn(page);
  await page.getByLabel('I have read version').check();
  await describes(page, adatum);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByText('This invitation is for another organization.').waitFor();
  await looksRight(page, 'for another organisation');
  assert.equal(await page.getByText(/Fabrikam/).count(), 0);

  await page.getByRole('button', { name: 'Use another account' }).last().click();
  await fabrikam.becomes(page);
  await page.getByText('Signed in as Fabrikam admin').waitFor();
  await titled(page, ASKS);
  // What Adatum typed is not there for Fabrikam.
  assert.equal(await page.getByLabel('Company name').inputValue(), '');
});

story('somebody without the role gets a message to forward', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const user = scene.colleague(fabrikam, ['HelpdeskAgent']);
  const invitation = await contoso.invites();
  const page = await user.opens(invitation.path);
  await user.signsIn(page);
  await page.getByLabel('I have read version').check();
  await describes(page, fabrikam);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByText('Your account cannot answer for your organization').waitFor();
  const message = await page.getByLabel('Message to forward').inputValue();
  assert.ok(message.includes(invitation.token));
  await looksRight(page, 'the role is missing');
});

story('the partner itself cannot answer', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.opens((await contoso.invites()).path);
  await contoso.signsIn(page);
  await page.getByLabel('I have read version').check();
  await describes(page, contoso);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByText('cannot invite itself or answer its own invitation').waitFor();
});

story('a customer of another region or another cloud is told why, and whom to ask', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const inChina = await scene.partner('Contoso China', { country: 'CN', cloud: 'china' });
  /** @type {[import('../harness/person.js').Person, import('../harness/person.js').Person, string][]} */
  const refused = [
    [contoso, scene.customer('Tailspin', { country: 'DE' }), 'outside the region in which this partner may sell'],
    [inChina, scene.customer('Fabrikam', { country: 'CN' }), 'Customer and partner are in different clouds'],
  ];
  for (const [partner, customer, why] of refused) {
    const invitation = await partner.invites({ includeDelegatedAdmin: partner.cloud === 'china' });
    const page = await customer.opens(invitation.path);
    await customer.signsIn(page);
    await page.getByLabel('I have read version').check();
    await describes(page, customer);
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    const refusal = page.getByRole('alert');
    await refusal.getByText(why).waitFor();
    await refusal.getByText(`help@${partner.domain}`).waitFor();
    await looksRight(page, why);
    assert.equal((await partner.invitation(invitation)).status, 'pending');
  }
});

story('an agreement that changed while the page was open is shown anew, and asked for again', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites();
  const page = await (await fabrikam.browser()).newPage();
  // This page is opened before the agreement's last version.
  await page.route('**/v1/invitations/preview', async (route) => {
    const response = await route.fetch();
    const found = await response.json();
    await route.fulfill({ response, json: { ...found, agreement: { ...found.agreement, version: '2019-01' } } });
  });
  await page.goto(invitation.path);
  await fabrikam.signsIn(page);
  const version = page.getByRole('region', { name: 'About this request' }).getByRole('link', { name: /^Version/ });
  await version.getByText('Version 2019-01').waitFor();
  const box = page.getByLabel('I have read version');
  await box.check();
  await describes(page, fabrikam);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByText('The customer agreement was changed in the meantime').waitFor();
  await looksRight(page, 'the agreement changed');
  assert.doesNotMatch(await version.innerText(), /2019-01/, 'the page still says the version before');
  assert.ok(!(await box.isChecked()), 'the newer version was agreed to by nobody');
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
  await box.check();
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await titled(page, ACCEPTED);
});

story('a token that ran out is renewed in a window, and the answer goes on', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await fabrikam.opens((await contoso.invites()).path);
  await fabrikam.signsIn(page, { seconds: 12 });
  await describes(page, fabrikam);
  await page.getByLabel('I have read version').check();
  await page.waitForTimeout(3_000); // less than ten seconds are left: the portal counts that as over
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  const popup = page.waitForEvent('popup');
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in', exact: true }).click();
  await fabrikam.becomes(await popup);
  await titled(page, ACCEPTED);
});

story('a reload after signing in keeps the invitation and what was typed', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await fabrikam.opens((await contoso.invites()).path);
  await fabrikam.signsIn(page);
  await describes(page, fabrikam);
  await page.reload();
  await titled(page, ASKS);
  await page.getByText('Signed in as Fabrikam admin').waitFor();
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
});

story('who leaves the sign-in comes back to the invitation', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await scene.somebody().opens((await contoso.invites()).path);
  await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/_local/authorize?*');
  await page.goBack();
  await titled(page, ASKS);
});

story('a table that is busy loses nothing of an answer', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites();
  await scene.deployment.storeFails('throttle');
  const page = await fabrikam.opens(invitation.path);
  await page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 40_000 });
  await looksRight(page, 'the table is busy');
  await scene.deployment.storeFails(null);
  await page.getByRole('button', { name: 'Try again' }).click();
  await titled(page, ASKS);
  await fabrikam.signsIn(page);
  await describes(page, fabrikam);
  await page.getByLabel('I have read version').check();
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.getByText('No answer came').waitFor();
  await looksRight(page, 'offline');
  assert.equal((await contoso.invitation(invitation)).status, 'pending');
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await titled(page, ACCEPTED);
});

story('a customer answers by keyboard alone', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await fabrikam.opens((await contoso.invites()).path);
  await titled(page, ASKS);
  await reach(page, page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }));
  await page.keyboard.press('Enter');
  await fabrikam.becomes(page);
  await page.getByText('Signed in as Fabrikam admin').waitFor();
  await reach(page, page.getByLabel('I have read version'));
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+Tab');
  await reach(page, page.getByText('About your organization'));
  await page.keyboard.press('Enter');
  await reach(page, page.getByLabel('Company name'));
  await page.keyboard.type('Fabrikam');
  await page.keyboard.press('Tab');
  await page.keyboard.type(fabrikam.domain);
  await reach(page, page.getByRole('button', { name: 'Accept', exact: true }));
  await page.keyboard.press('Enter');
  await titled(page, ACCEPTED);
  await reach(page, page.getByRole('link', { name: 'See your partners' }));
  await page.keyboard.press('Enter');
  await reach(page, page.getByRole('button', { name: /Remove delegated administration/ }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /Remove delegated administration/);
});

story('who gives the sign-in up at the issuer comes back to the invitation by either button', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites();
  for (const part of /** @type {const} */ (['main', 'banner'])) {
    const page = await fabrikam.opens(invitation.path);
    await page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/_local/authorize?*');
    // What issuers answer to "Cancel"; the local one has no such button.
    const asked = new URL(page.url()).searchParams;
    await page.goto(`${asked.get('redirect_uri')}?${new URLSearchParams({ error: 'access_denied', state: asked.get('state') ?? '' })}`);
    await titled(page, 'You are not signed in');
    const failed = page.locator('[data-slug=sign-in-failed]');
    await failed.waitFor();
    await looksRight(page, 'the sign-in was given up');
    // Another language says the same.
    await page.getByLabel('Language').selectOption('de');
    await page.waitForFunction(() => document.documentElement.lang === 'de');
    await page.getByRole('main').getByRole('button', { name: 'Anmelden' }).waitFor();
    await failed.waitFor();
    await page.getByLabel('Sprache').selectOption('en');
    // The next try begins at the invitation too, however it is come by.
    await page.getByRole(part).getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/_local/authorize?*');
    await page.goBack();
    await titled(page, 'You are not signed in');
    await page.getByRole(part).getByRole('button', { name: 'Sign in', exact: true }).click();
    await fabrikam.becomes(page);
    await titled(page, ASKS);
    await page.getByText('Signed in as Fabrikam admin').waitFor();
    assert.equal(page.url(), `${scene.deployment.base}/accept`);
  }
});

story('a browser that keeps nothing for the site shows the invitation, and says what signing in needs', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const browser = await scene.somebody().browser();
  await browser.addInitScript(() => {
    const refuse = () => { throw new DOMException('The operation is insecure.', 'SecurityError'); };
    for (const name of ['sessionStorage', 'localStorage', 'BroadcastChannel']) Object.defineProperty(window, name, { get: refuse });
  });
  const page = await browser.newPage();
  await page.goto((await contoso.invites()).path);
  await titled(page, ASKS);
  for (const part of /** @type {const} */ (['main', 'banner'])) {
    await page.getByRole(part).getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('needs this browser to keep data for this site').nth(part === 'main' ? 0 : 1).waitFor();
  }
  await looksRight(page, 'the storage is closed');
  await page.close(); // the guard looks into the storage of every page that is open
});
