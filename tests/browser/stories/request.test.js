// A partner requests a relationship: asks, reviews the draft, and gets it to the customer in one of three ways.
import assert from 'node:assert/strict';
import { holdsBack } from '../harness/held.js';
import { reach } from '../harness/keyboard.js';
import { looksRight } from '../harness/looks.js';
import { stories } from '../harness/story.js';

const story = await stories();

const LINK = /https?:\/\/\S+\/accept#\S+/;

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {import('../harness/person.js').Person} customer */
async function asksFor(page, customer) {
  await page.getByLabel('Company name').fill(customer.name);
  await page.getByLabel('Email of the customer').fill(customer.email);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Email to the customer' }).waitFor();
}

/** @param {import('../harness/story.js').Scene} scene @param {Page} page */
async function linkOn(scene, page) {
  await page.getByRole('heading', { name: 'Email to the customer' }).waitFor();
  const link = LINK.exec(await page.getByLabel('Text', { exact: true }).inputValue())?.[0];
  assert.ok(link, 'the draft has a link');
  scene.guard.secret(new URL(link).hash.slice(1));
  return link;
}

/** Fills in the form and presses Next when the sign-in is over: with less than ten seconds left, the portal counts it so.
 * @param {import('../harness/person.js').Person} partner @param {Page} page */
async function asksTooLate(partner, page) {
  await partner.signsIn(page, { seconds: 12 });
  await page.getByLabel('Company name').fill('Fabrikam');
  await page.waitForTimeout(3_000);
  await page.getByRole('button', { name: 'Next' }).click();
}

/** What Ctrl+V gives. @param {Page} page */
async function pasted(page) {
  const other = await page.context().newPage();
  await other.setContent('<textarea></textarea>');
  await other.locator('textarea').press('ControlOrMeta+V');
  const text = await other.locator('textarea').inputValue();
  await other.close();
  await page.bringToFront();
  return text;
}

/** The browser says no when the page wants to write to the clipboard. @param {Page} page */
async function refusesClipboard(page) {
  const session = await page.context().newCDPSession(page);
  const { targetInfo: { browserContextId } } = await session.send('Target.getTargetInfo');
  await session.send('Browser.setPermission', {
    permission: { name: 'clipboard-write' }, setting: 'denied', origin: new URL(page.url()).origin, browserContextId,
  });
}

story('a partner asks, edits the draft, loses the link, puts it back and sends', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await contoso.entersAt('/request');
  await page.getByRole('heading', { name: 'Request a reseller relationship' }).waitFor();
  await looksRight(page, 'the request');
  await asksFor(page, fabrikam);
  await looksRight(page, 'the draft');
  const link = await linkOn(scene, page);
  const text = page.getByLabel('Text', { exact: true });
  const drafted = await text.inputValue();
  assert.match(drafted, /Contoso/);

  await page.getByLabel('Subject').fill('Fabrikam, work with us');
  await text.fill(`Dear Fabrikam,\n${drafted.replace(link, '')}`);
  await page.getByText('link is not in the text any more').waitFor();
  await looksRight(page, 'the draft without its link');
  await page.getByRole('button', { name: 'Put the link back' }).click();
  await page.getByText('link is not in the text any more').waitFor({ state: 'hidden' });
  assert.ok((await text.inputValue()).includes(link));

  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByRole('main').getByText(`Sent to ${fabrikam.email}`).waitFor();
  await looksRight(page, 'sent');
  const [mail] = await scene.deployment.mailTo(fabrikam.email);
  assert.equal(mail.subject, 'Fabrikam, work with us');
  assert.ok(mail.text.startsWith('Dear Fabrikam,'));
  assert.ok(mail.text.includes(link) && mail.html.includes(link));

  await page.getByRole('button', { name: 'Done' }).or(page.getByRole('link', { name: 'Done' })).click();
  await page.waitForURL('**/invitations');
  await page.getByText('Fabrikam').first().waitFor();
});

story('the draft goes to the clipboard', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.entersAt('/request');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await asksFor(page, scene.customer('Fabrikam'));
  const link = await linkOn(scene, page);
  await page.getByRole('button', { name: 'Copy to clipboard' }).click();
  await page.getByText('Copied').first().waitFor();
  const text = await pasted(page);
  assert.ok(text.includes(link));
  assert.equal(text.trim(), (await page.getByLabel('Text', { exact: true }).inputValue()).trim());
});

for (const why of /** @type {const} */ (['refuses', 'is not there'])) {
  story(`where the clipboard ${why}, the text is selected and the page says what to press`, async (scene) => {
    const contoso = await scene.partner('Contoso');
    const page = await contoso.opens('/request');
    if (why === 'is not there') {
      await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined }));
    } else {
      await refusesClipboard(page);
    }
    await contoso.signsIn(page);
    await asksFor(page, scene.customer('Fabrikam'));
    await linkOn(scene, page);
    await page.getByRole('button', { name: 'Copy to clipboard' }).click();
    await page.getByText('Ctrl+C').first().waitFor();
    const selected = await page.evaluate(() => {
      const active = document.activeElement;
      return active instanceof HTMLTextAreaElement ? active.value.slice(active.selectionStart, active.selectionEnd) : '';
    });
    assert.equal(selected, await page.getByLabel('Text', { exact: true }).inputValue());
    await looksRight(page, 'copy by hand');
  });
}

story('the draft opens in the mail application', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await contoso.entersAt('/request');
  await asksFor(page, fabrikam);
  const link = await linkOn(scene, page);
  await page.getByLabel('Subject').fill('50% & more? #1');
  const opened = page.context().waitForEvent('request', (request) => request.url().startsWith('mailto:'));
  await page.getByText('Open in email', { exact: true }).click();
  const url = (await opened).url();
  assert.ok(url.length < 2000, `${url.length} characters`);
  const [to, query] = url.slice('mailto:'.length).split('?');
  const fields = new Map(query.split('&').map((field) => /** @type {[string, string]} */ (field.split('=').map(decodeURIComponent))));
  assert.equal(decodeURIComponent(to), fabrikam.email);
  assert.equal(fields.get('subject'), '50% & more? #1');
  assert.ok(fields.get('body')?.includes(link));
});

story('a mail service that fails loses nothing', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await contoso.entersAt('/request');
  await asksFor(page, fabrikam);
  const link = await linkOn(scene, page);
  await page.getByLabel('Subject').fill('Mine');
  await scene.deployment.mailFails('reject');
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByText('The email was not sent').waitFor();
  await looksRight(page, 'not sent');
  assert.equal(await page.getByLabel('Subject').inputValue(), 'Mine');
  assert.equal(await linkOn(scene, page), link);
  assert.deepEqual(await scene.deployment.mailTo(fabrikam.email), []);

  await page.getByRole('button', { name: /Send (now|again)/ }).click();
  await page.getByRole('main').getByText(`Sent to ${fabrikam.email}`).waitFor();
  const mails = await scene.deployment.mailTo(fabrikam.email);
  assert.equal(mails.length, 1);
  assert.equal(mails[0].subject, 'Mine');
});

story('a reload and the way back lose nothing that was typed', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await contoso.entersAt('/request');
  await page.getByLabel('Company name').fill('Fabrikam');
  await page.reload();
  await page.getByLabel('Company name').waitFor();
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
  await asksFor(page, fabrikam);
  const link = await linkOn(scene, page);
  await page.getByLabel('Subject').fill('Mine');
  await page.reload();
  assert.equal(await linkOn(scene, page), link);
  assert.equal(await page.getByLabel('Subject').inputValue(), 'Mine');
  // Nothing was asked twice by it.
  const { items } = await contoso.does('GET', '/v1/invitations');
  assert.equal(items.length, 1);
  await page.goBack();
  await page.getByLabel('Company name').waitFor();
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
});

story('a token that ran out is renewed in a window, and nothing typed is lost', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await contoso.opens('/request');
  await contoso.signsIn(page, { seconds: 12 });
  await page.getByLabel('Company name').fill('Fabrikam');
  await page.getByLabel('Email of the customer').fill(fabrikam.email);
  await page.waitForTimeout(3_000); // less than ten seconds are left: the portal counts that as over
  await page.getByRole('button', { name: 'Next' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await looksRight(page, 'asked to sign in again');
  const popup = page.waitForEvent('popup');
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  const window = await popup;
  const closed = window.waitForEvent('close');
  await contoso.becomes(window);
  await closed;
  await page.getByRole('heading', { name: 'Email to the customer' }).waitFor();
  await linkOn(scene, page);
  const { items } = await contoso.does('GET', '/v1/invitations');
  assert.deepEqual(items.map((/** @type {any} */ item) => item.customer.email), [fabrikam.email]);
});

story('where the browser opens no window, signing in again leaves the page and loses nothing', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.opens('/request');
  await page.addInitScript(() => { window.open = () => null; });
  await asksTooLate(contoso, page);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in', exact: true }).click();
  await contoso.becomes(page);
  await page.waitForURL('**/request');
  await page.getByLabel('Company name').waitFor();
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
  await page.getByRole('button', { name: 'Next' }).click();
  await linkOn(scene, page);
});

story('who closes the question to sign in again keeps the form, and is asked again', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.opens('/request');
  await asksTooLate(contoso, page);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('You are not signed in').first().waitFor();
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
  await looksRight(page, 'not signed in again');
  await page.getByRole('button', { name: 'Next' }).click();
  const popup = page.waitForEvent('popup');
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await contoso.becomes(await popup);
  await linkOn(scene, page);
});

story('a partner asks and sends by keyboard alone', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await contoso.entersAt('/customers');
  await page.getByText('No customers yet').waitFor();
  await reach(page, page.getByRole('main').getByRole('link', { name: 'Request a reseller relationship' }).first());
  await page.keyboard.press('Enter');
  await page.getByLabel('Company name').waitFor();
  await reach(page, page.getByLabel('Company name'));
  await page.keyboard.type('Fabrikam');
  await page.keyboard.press('Tab');
  await page.keyboard.type(fabrikam.email);
  await reach(page, page.getByRole('button', { name: 'Next' }));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Email to the customer' }).waitFor();
  await linkOn(scene, page);
  await reach(page, page.getByLabel('Subject'));
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('By keyboard');
  await reach(page, page.getByRole('button', { name: 'Send now' }));
  await page.keyboard.press('Enter');
  await page.getByRole('main').getByText(`Sent to ${fabrikam.email}`).waitFor();
  const [mail] = await scene.deployment.mailTo(fabrikam.email);
  assert.equal(mail.subject, 'By keyboard');
});

story('where the cloud demands delegated administration, the choice is fixed and says why', async (scene) => {
  const contoso = await scene.partner('Contoso', { cloud: 'usGovernment', country: 'US' });
  const page = await contoso.entersAt('/request');
  const choice = page.getByLabel('Include delegated administration privileges');
  await page.getByText('does not let a request leave these privileges out').waitFor();
  assert.ok(await choice.isChecked());
  // It can be reached and pressed, and stays as it is.
  await choice.press('Space');
  assert.ok(await choice.isChecked());
  await looksRight(page, 'the fixed choice');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Email to the customer' }).waitFor();
});

story('a sales agent is told who may ask for delegated administration', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const agent = scene.colleague(contoso, ['SalesAgent']);
  const page = await agent.entersAt('/request');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Your role cannot ask for delegated administration privileges').waitFor();
  await looksRight(page, 'the role is refused');
  await page.getByRole('button', { name: 'Leave the privileges out' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Email to the customer' }).waitFor();
  await linkOn(scene, page);
});

story('a helpdesk agent, an unknown organisation and a suspended partner are told why they cannot ask', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const helpdesk = await scene.colleague(contoso, ['HelpdeskAgent']).entersAt('/request');
  await helpdesk.getByRole('button', { name: 'Next' }).click();
  await helpdesk.getByText('One of these roles is needed: AdminAgent, SalesAgent').waitFor();
  await looksRight(helpdesk, 'no role to invite');

  const nobody = await scene.customer('Nobody').entersAt('/request');
  await nobody.getByRole('button', { name: 'Next' }).click();
  await nobody.getByText('not registered as a partner').first().waitFor();

  const northwind = await scene.partner('Northwind', { profile: { status: 'suspended' } });
  const suspended = await northwind.entersAt('/request');
  await suspended.getByRole('button', { name: 'Next' }).click();
  await suspended.getByText(/suspended/).first().waitFor();
  await looksRight(suspended, 'suspended');
});

story('what cannot be asked is said at its field', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.entersAt('/request');
  const email = page.getByLabel('Email of the customer');
  await email.fill('nobody');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Enter an email address such as').waitFor();
  assert.ok(await email.evaluate((element) => element === document.activeElement));
  await looksRight(page, 'a wrong field');
  await email.fill('');
  await page.getByLabel('Country or region').selectOption('DE');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Choose a customer of your own country or region').waitFor();
});

story('a sign-in window that never answers is given up', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.opens('/request');
  await asksTooLate(contoso, page);
  const dialog = page.getByRole('dialog');
  const popup = page.waitForEvent('popup');
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await (await popup).waitForURL('**/_local/authorize?*');
  await page.bringToFront();
  await page.keyboard.press('Escape');
  await page.getByText('You are not signed in').first().waitFor();
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
});

story('after a colleague renewed the invitation, every way out takes the new link', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const before = await contoso.invites({ customer: { name: 'Fabrikam', email: fabrikam.email } });
  const page = await contoso.entersAt(`/request?invitation=${before.id}`);
  await linkOn(scene, page);
  const text = page.getByLabel('Text', { exact: true });
  const open = page.getByRole('link', { name: 'Open in email' });
  const opens = async () => decodeURIComponent(await open.getAttribute('href') ?? '');

  // What nobody edited goes out with the new link, and the page follows.
  const second = await contoso.does('POST', `/v1/invitations/${before.id}/renew`, { expiresInDays: 5 });
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByRole('main').getByText(`Sent to ${fabrikam.email}`).waitFor();
  await page.waitForFunction((link) => document.querySelector('textarea')?.value.includes(link), second.draft.link);
  assert.ok(!(await text.inputValue()).includes(before.link));
  assert.ok((await opens()).includes(second.draft.link));

  // What was edited is refused, and not sent until the new link is in it. The text is too long for an address: the draft's own is opened.
  const third = await contoso.renews(before);
  await text.fill(`${'Dear Fabrikam, '.repeat(200)}\n${await text.inputValue()}`);
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('link is not in the text any more').waitFor();
  await page.getByRole('button', { name: 'Put the link back' }).click();
  const edited = await text.inputValue();
  assert.ok(edited.includes(third.link) && !edited.includes(second.draft.link));
  const opened = await opens();
  assert.ok(opened.includes(third.link) && !opened.includes(second.draft.link), opened);
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.waitForFunction(() => document.querySelector('.compose ~ [role=status]')?.textContent?.includes('Sent to'));
  const [mail] = await scene.deployment.mailTo(fabrikam.email);
  assert.ok(mail.text.includes(third.link));
});

story('who closes the window to sign in again opens another one', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.opens('/request');
  await asksTooLate(contoso, page);
  const again = page.getByRole('dialog').getByRole('button', { name: 'Sign in', exact: true });
  const opened = async () => {
    const popup = page.waitForEvent('popup');
    await again.click();
    return popup;
  };
  const given = await opened();
  await given.waitForURL('**/_local/authorize?*');
  await given.close();
  await contoso.becomes(await opened());
  await linkOn(scene, page);
});

story('a renewal that finds no network says so, and asks nobody to sign in', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await (await contoso.browser()).newPage();
  // An issuer that renews without a window, once it is reached; the local one does not.
  let reached = false;
  await page.route('**/_local/oauth/token', async (route) => {
    const renewal = route.request().postData()?.includes('grant_type=refresh_token');
    if (renewal) return reached ? route.continue() : route.abort('internetdisconnected');
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), refresh_token: 'made-up' } });
  });
  await page.goto('/request');
  await asksTooLate(contoso, page);
  await page.getByText('No answer came').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  await looksRight(page, 'no network to renew the sign-in');
  // A renewal that the issuer refuses is another matter.
  reached = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('dialog', { name: 'Your sign-in has run out' }).waitFor();
});

story('where it is known late that the cloud demands delegated administration, the choice is fixed then', async (scene) => {
  const contoso = await scene.partner('Contoso', { cloud: 'usGovernment', country: 'US' });
  const page = await (await contoso.browser()).newPage();
  const known = await holdsBack(page, '**/v1/partners/*');
  await page.goto('/request');
  await contoso.signsIn(page);
  const choice = page.getByLabel('Include delegated administration privileges');
  await choice.uncheck();
  known();
  await page.getByText('does not let a request leave these privileges out').waitFor();
  assert.ok(await choice.isChecked());
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('heading', { name: 'Email to the customer' }).waitFor();
});

story('a renewal that comes after the sign-out signs nobody in', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const browser = await contoso.browser();
  const page = await browser.newPage();
  // An issuer that renews without a window, when the story says so; the local one does not.
  let tokens = {};
  /** @type {() => void} */
  let renews = () => undefined;
  const waits = new Promise((/** @type {(value: void) => void} */ resolve) => { renews = resolve; });
  await page.route('**/_local/oauth/token', async (route) => {
    if (route.request().postData()?.includes('grant_type=refresh_token')) {
      await waits;
      return route.fulfill({ json: tokens });
    }
    const response = await route.fetch();
    tokens = { ...(await response.json()), refresh_token: 'made-up' };
    await route.fulfill({ response, json: tokens });
  });
  await page.goto('/request');
  await contoso.signsIn(page, { seconds: 12 });
  await page.waitForTimeout(3_000); // less than ten seconds are left: the portal counts that as over
  const renewal = page.waitForRequest('**/_local/oauth/token');
  await page.getByRole('button', { name: 'Next' }).click();
  await renewal;

  const second = await browser.newPage();
  await second.goto('/');
  await second.getByRole('banner').getByRole('button', { name: 'Sign in' }).click();
  await contoso.becomes(second);
  await second.getByRole('banner').getByText('Contoso admin').first().click();
  await second.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to go on' }).waitFor();
  const renewed = page.waitForResponse('**/_local/oauth/token');
  renews();
  await (await renewed).finished();
  await page.getByLabel('Language').selectOption('ja'); // what follows is rendered after the answer came
  await page.waitForFunction(() => document.documentElement.lang === 'ja');
  assert.equal(await page.locator('.sign-in').count(), 1);
  assert.deepEqual(await page.evaluate(() => ({ ...sessionStorage })), {});
});
