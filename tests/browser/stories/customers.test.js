// A partner's customers: the list, the record that a row expands to, and what is done there.
import assert from 'node:assert/strict';
import { holdsBack } from '../harness/held.js';
import { looksRight } from '../harness/looks.js';
import { stories } from '../harness/story.js';

const story = await stories();

/** @typedef {import('../harness/person.js').Person} Person */

/** @param {Person} partner @param {Person} customer */
async function related(partner, customer, request = {}) {
  await customer.accepts(await partner.invites(request));
}

/** @param {Person} partner @param {Person} customer @param {object} [more] */
async function sells(partner, customer, more) {
  const { subscription } = await partner.does('POST', `/v1/customers/${customer.tenant}/subscriptions`, {
    kind: 'subscription', serviceType: 'microsoft365', name: 'Business Premium', sku: 'CFQ7TTC0LCHC', quantity: 2, ...more,
  });
  return subscription;
}

/** @param {Person} partner @param {Person} customer @param {string} displayName */
async function makesUser(partner, customer, displayName) {
  const userPrincipalName = `${displayName.toLowerCase().replace(' ', '.')}@${customer.domain}`;
  const { user } = await partner.does('POST', `/v1/customers/${customer.tenant}/users`, { userPrincipalName, displayName });
  return user;
}

/** The partner's page with that customer's record open. @param {Person} partner @param {Person} customer */
async function opensRecord(partner, customer) {
  const page = await partner.entersAt(`/customers?customer=${customer.tenant}`);
  await page.getByRole('heading', { name: 'End of the relationship' }).waitFor();
  return page;
}

story('a partner without customers is told how to get one', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.entersAt('/customers');
  await page.getByText('No customers yet').waitFor();
  await looksRight(page, 'no customers');
  await page.getByRole('main').getByRole('link', { name: 'Request a reseller relationship' }).last().click();
  await page.waitForURL('**/request');
});

story('a customer is found by words and expanded by mouse', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  await related(contoso, scene.customer('Adatum Corporation'));
  await sells(contoso, fabrikam);
  await makesUser(contoso, fabrikam, 'Mai Sato');
  const page = await contoso.entersAt('/customers');
  await page.getByText('Adatum Corporation').waitFor();
  await looksRight(page, 'the list');
  await page.getByLabel('Search customers').fill('fab');
  await page.getByText('Adatum Corporation').waitFor({ state: 'hidden' });
  const arrow = page.getByRole('button', { name: /Fabrikam/ }).first();
  await arrow.click();
  assert.equal(await arrow.getAttribute('aria-expanded'), 'true');
  for (const part of ['Account', 'Subscriptions', 'Users and licenses', 'Service requests', 'Support contact', 'Delegated administration']) {
    await page.getByRole('heading', { name: part, exact: true }).waitFor();
  }
  await page.getByText('Business Premium').first().waitFor();
  await page.getByText('Mai Sato').first().waitFor();
  await page.getByText(`help@${contoso.domain}`).waitFor();
  await looksRight(page, 'the record');

  await page.getByLabel('Search customers').fill('no such customer');
  await page.getByText('No customer is found by').waitFor();
  await looksRight(page, 'nothing found');
  await page.getByRole('button', { name: 'Show all customers' }).click();
  await page.getByText('Adatum Corporation').waitFor();

  // The address says what is open, and a reload shows the same.
  await page.goto(`/customers?query=fab&customer=${fabrikam.tenant}`);
  await page.getByText('Mai Sato').first().waitFor();
  assert.equal(await page.getByLabel('Search customers').inputValue(), 'fab');
});

story('a row is expanded and closed by keyboard', async (scene) => {
  const contoso = await scene.partner('Contoso');
  await related(contoso, scene.customer('Fabrikam'));
  const page = await contoso.entersAt('/customers');
  const arrow = page.getByRole('button', { name: /Fabrikam/ }).first();
  await arrow.waitFor();
  await page.getByLabel('Search customers').focus();
  for (let n = 0; n < 5 && !(await arrow.evaluate((element) => element === document.activeElement)); n += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Account', exact: true }).waitFor();
  assert.equal(await arrow.getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('Space');
  await page.getByRole('heading', { name: 'Account', exact: true }).waitFor({ state: 'hidden' });
  assert.equal(await arrow.getAttribute('aria-expanded'), 'false');
});

story('more customers than one page come by Show more, once each', async (scene) => {
  const contoso = await scene.partner('Contoso');
  for (let n = 0; n < 30; n += 1) await related(contoso, scene.customer(`Customer ${String(n).padStart(2, '0')}`));
  const page = await contoso.entersAt('/customers');
  const rows = page.getByRole('list', { name: 'Customers' }).locator('> li');
  await page.getByText('25 customers shown, and there are more').waitFor();
  assert.equal(await rows.count(), 25);
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('30 customers', { exact: true }).waitFor();
  assert.equal(await rows.count(), 30);
  assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);
  assert.ok(await rows.nth(25).getByRole('button').first().evaluate((element) => element === document.activeElement));
  const names = await rows.evaluateAll((all) => all.map((row) => /Customer \d\d/.exec(row.textContent ?? '')?.[0]));
  assert.equal(new Set(names).size, 30);
});

story('a subscription is bought, changed, suspended, resumed and cancelled', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByText('Nothing is sold to this customer yet.').waitFor();
  await page.getByRole('button', { name: 'Add subscription' }).click();
  const buy = page.getByRole('form', { name: 'Add subscription' });
  await buy.getByRole('button', { name: 'Buy' }).click();
  await looksRight(page, 'nothing filled in');
  await buy.getByLabel('Name of the product').fill('Business Premium');
  await buy.getByLabel('Product number (SKU)').fill('CFQ7TTC0LCHC');
  await buy.getByLabel('Quantity').fill('3');
  await buy.getByRole('button', { name: 'Buy' }).click();
  await page.getByText('Business Premium is bought.').waitFor();
  assert.ok(await page.getByText('Nothing is sold to this customer yet.').isHidden());

  await page.getByRole('button', { name: 'Change quantity' }).click();
  const quantity = page.getByRole('form', { name: 'Change the quantity of Business Premium' });
  await quantity.getByLabel('Quantity').fill('5');
  await quantity.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Business Premium has the quantity 5 now.').waitFor();
  await page.getByRole('button', { name: 'Suspend' }).click();
  await looksRight(page, 'asked before suspending');
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
  await page.getByText('Business Premium is suspended.').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Business Premium is active again.').waitFor();
  await page.getByRole('button', { name: 'Cancel subscription' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel for good' }).click();
  await page.getByText('Business Premium is cancelled.').waitFor();
  const { subscriptions } = await contoso.record(fabrikam);
  assert.deepEqual(subscriptions.items.map((/** @type {any} */ { status, quantity }) => ({ status, quantity })), [{ status: 'cancelled', quantity: 5 }]);
});

story('a user is made, gets a licence, is renamed and blocked', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const sold = await sells(contoso, fabrikam, { quantity: 1 });
  await makesUser(contoso, fabrikam, 'Ken Ito').then((ken) => contoso.does('PATCH', `/v1/customers/${fabrikam.tenant}/users/${ken.id}`, { displayName: 'Ken' }));
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Add user' }).click();
  const add = page.getByRole('form', { name: 'Add user' });
  await add.getByLabel('Display name').fill('Mai Sato');
  await add.getByLabel('User name').fill(`ken.ito@${fabrikam.domain}`);
  await add.getByRole('button', { name: 'Add user' }).click();
  await add.getByText('This user name is taken').waitFor();
  await looksRight(page, 'the user name is taken');
  await add.getByLabel('User name').fill(`mai@${fabrikam.domain}`);
  await add.getByRole('button', { name: 'Add user' }).click();
  await page.getByText('Mai Sato is added.').waitFor();

  await page.getByRole('button', { name: 'Manage licenses Mai Sato' }).click();
  const licences = page.getByRole('form', { name: 'Licenses of Mai Sato' });
  await licences.getByLabel('Business Premium').check();
  await looksRight(page, 'licences');
  await licences.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The licenses of Mai Sato are saved.').waitFor();
  await page.getByText('1 of 1 assigned').first().waitFor();

  await page.getByRole('button', { name: 'Rename Mai Sato' }).click();
  const rename = page.getByRole('form', { name: 'Rename Mai Sato' });
  await rename.getByLabel('Display name').fill('Mai Suzuki');
  await rename.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The user is called Mai Suzuki now.').waitFor();
  await page.getByRole('button', { name: 'Block sign-in Mai Suzuki' }).click();
  await page.getByText('Mai Suzuki can no longer sign in.').waitFor();
  const { users } = await contoso.record(fabrikam);
  const mai = users.items.find((/** @type {any} */ user) => user.displayName === 'Mai Suzuki');
  assert.deepEqual([mai.blocked, mai.licenses], [true, [sold.id]]);
});

story('the last licence is taken by somebody else meanwhile', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const sold = await sells(contoso, fabrikam, { quantity: 1 });
  const ken = await makesUser(contoso, fabrikam, 'Ken Ito');
  await makesUser(contoso, fabrikam, 'Mai Sato');
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Manage licenses Mai Sato' }).click();
  const licences = page.getByRole('form', { name: 'Licenses of Mai Sato' });
  await licences.getByLabel('Business Premium').check();
  await contoso.does('PATCH', `/v1/customers/${fabrikam.tenant}/users/${ken.id}`, { licenses: { add: [sold.id] } });
  await licences.getByRole('button', { name: 'Save' }).click();
  await page.getByText('No license of Business Premium is free').waitFor();
  await looksRight(page, 'no licence is free');
});

story('a service request is opened, noted and closed', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Open service request' }).click();
  const open = page.getByRole('form', { name: 'Open service request' });
  await open.getByLabel('Title').fill('Mail does not arrive');
  await open.getByLabel('Description').fill('Since this morning.');
  await open.getByLabel('Severity').selectOption('critical');
  await looksRight(page, 'a service request');
  await open.getByRole('button', { name: 'Open request' }).click();
  await page.getByText('“Mail does not arrive” is open.').waitFor();
  await page.getByRole('button', { name: /^Add note/ }).click();
  const note = page.getByRole('form', { name: 'Add a note to Mail does not arrive' });
  await note.getByLabel('Note', { exact: true }).fill('The vendor looks at it.');
  await note.getByRole('button', { name: 'Add note' }).click();
  await page.getByText('The note is added').waitFor();
  await page.getByText('The vendor looks at it.').waitFor();
  await page.getByRole('button', { name: /^Close request/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close request' }).click();
  await page.getByText('“Mail does not arrive” is closed.').waitFor();
  const { serviceRequests } = await contoso.record(fabrikam);
  assert.equal(serviceRequests.items[0].status, 'closed');
});

story('what the customer closed says why, and how to ask again', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  await fabrikam.does('DELETE', `/v1/partners/${contoso.tenant}/delegated-admin`);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByText('Users and licenses are closed to you', { exact: true }).waitFor();
  await page.getByText('You are still responsible').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add user' }).count(), 0);
  await looksRight(page, 'closed parts');

  await page.getByRole('button', { name: 'Record a renegotiated agreement' }).click();
  const agreement = page.getByRole('form', { name: 'Record a renegotiated agreement' });
  // Today where the reader is.
  await agreement.getByLabel('Renegotiated on').fill(await page.evaluate(() => new Date().toLocaleDateString('sv')));
  await agreement.getByLabel('First name').fill('Mai');
  await agreement.getByLabel('Last name').fill('Sato');
  await agreement.getByLabel('Email').fill(`mai@${fabrikam.domain}`);
  await looksRight(page, 'the agreement');
  await agreement.getByRole('button', { name: 'Record agreement' }).click();
  await page.getByText('Your continuing responsibility has ended.').waitFor();

  await page.getByRole('link', { name: 'Request delegated administration' }).first().click();
  await page.waitForURL('**/request**');
  assert.equal(await page.getByLabel('Company name').inputValue(), 'Fabrikam');
  assert.equal(await page.getByLabel('Tenant ID').inputValue(), fabrikam.tenant);
});

story('what was never asked for is closed too', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam, { includeDelegatedAdmin: false });
  const page = await opensRecord(contoso, fabrikam);
  await page.getByText('which you have not requested from this customer').waitFor();
  await page.getByRole('button', { name: 'Open service request' }).click();
  await page.getByText('Self-service needs delegated administration, which is not granted').waitFor();
});

story('delegated administration is given back, after a question', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Give delegated administration back' }).click();
  await looksRight(page, 'asked before giving back');
  await page.getByRole('dialog').getByRole('button', { name: 'Give back' }).click();
  await page.getByText('Users and licenses are closed to you', { exact: true }).waitFor();
  assert.equal((await contoso.record(fabrikam)).relationship.delegatedAdmin, 'removedByPartner');
});

story('removal is blocked by what is active, and then done by typing the name', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  await sells(contoso, fabrikam);
  await sells(contoso, fabrikam, { kind: 'reservation', name: 'Reserved machine', serviceType: 'azure' });
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Remove relationship' }).click();
  const blocked = page.getByRole('dialog');
  await blocked.getByText('2 commitments are active').waitFor();
  await blocked.getByText('Reserved machine').first().waitFor();
  await looksRight(page, 'removal is blocked');
  await blocked.getByRole('button', { name: 'Close' }).click();

  const { subscriptions } = await contoso.record(fabrikam);
  for (const { id } of subscriptions.items) await contoso.does('PATCH', `/v1/customers/${fabrikam.tenant}/subscriptions/${id}`, { status: 'cancelled' });
  await page.getByRole('button', { name: 'Remove relationship' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This ends at once and cannot be undone').waitFor();
  await looksRight(page, 'asked before removal');
  await dialog.getByLabel('Type “Fabrikam” to confirm').fill('fabricam');
  await dialog.getByRole('button', { name: 'Remove relationship' }).click();
  await dialog.getByText('This is not “Fabrikam”.').waitFor();
  await looksRight(page, 'another name was typed');
  assert.equal((await contoso.does('GET', '/v1/customers')).items.length, 1);
  await dialog.getByLabel('Type “Fabrikam” to confirm').fill('Fabrikam');
  await dialog.getByLabel('Type “Fabrikam” to confirm').press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('status').getByRole('heading', { name: /Fabrikam/ }).waitFor();
  await looksRight(page, 'the relationship ended');
  assert.deepEqual((await contoso.does('GET', '/v1/customers')).items, []);
});

story('somebody sells something while the removal is asked about', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Remove relationship' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Type “Fabrikam” to confirm').fill('Fabrikam');
  await sells(contoso, fabrikam);
  await dialog.getByRole('button', { name: 'Remove relationship' }).click();
  await page.getByText('1 commitment is active').waitFor();
});

story('a helpdesk agent opens requests and is told what its role does not allow', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const agent = scene.colleague(contoso, ['HelpdeskAgent']);
  const page = await opensRecord(agent, fabrikam);
  await page.getByRole('button', { name: 'Add subscription' }).click();
  await page.getByLabel('Name of the product').fill('Business Premium');
  await page.getByLabel('Product number (SKU)').fill('CFQ7TTC0LCHC');
  await page.getByLabel('Quantity').fill('1');
  await page.getByRole('button', { name: 'Buy' }).click();
  await page.getByText('One of these roles is needed').waitFor();
  await looksRight(page, 'the role is refused');
  assert.equal(await page.getByLabel('Name of the product').inputValue(), 'Business Premium');
});

story('a reload in the middle of a form keeps what was typed', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Open service request' }).click();
  await page.getByLabel('Title').fill('Mail does not arrive');
  await page.reload();
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Mail does not arrive');
});

story('a table that is busy shows an error with Try again', async (scene) => {
  const contoso = await scene.partner('Contoso');
  await related(contoso, scene.customer('Fabrikam'));
  const page = await contoso.opens('/');
  await scene.deployment.storeFails('throttle');
  await page.getByRole('link', { name: 'Your customers' }).click();
  await contoso.signsIn(page);
  await page.getByRole('button', { name: 'Try again' }).waitFor({ timeout: 40_000 });
  await looksRight(page, 'the table is busy');
  await scene.deployment.storeFails(null);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Fabrikam').first().waitFor();
});

story('without a network the list and a form say so, and nothing typed is lost', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Add user' }).click();
  const add = page.getByRole('form', { name: 'Add user' });
  await add.getByLabel('Display name').fill('Mai Sato');
  await add.getByLabel('User name').fill(`mai@${fabrikam.domain}`);
  await page.context().setOffline(true);
  await add.getByRole('button', { name: 'Add user' }).click();
  await add.getByText('No answer came').waitFor();
  await looksRight(page, 'offline');
  await page.context().setOffline(false);
  await add.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Mai Sato is added.').waitFor();
  const { users } = await contoso.record(fabrikam);
  assert.equal(users.items.length, 1);
});

story('another organisation’s customer is not there', async (scene) => {
  const [contoso, northwind] = await Promise.all([scene.partner('Contoso'), scene.partner('Northwind')]);
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await northwind.entersAt(`/customers?customer=${fabrikam.tenant}`);
  await page.getByText('The customer of this link is not among yours').waitFor();
  await looksRight(page, 'not among yours');
  assert.equal(await page.getByText('Fabrikam').count(), 0);
});

story('a search that fails leaves the list that is there, and its rows open', async (scene) => {
  const contoso = await scene.partner('Contoso');
  await related(contoso, scene.customer('Fabrikam'));
  const page = await contoso.entersAt('/customers');
  const arrow = page.getByRole('button', { name: /Fabrikam/ }).first();
  await arrow.waitFor();
  await page.context().setOffline(true);
  await page.getByLabel('Search customers').fill('fab');
  await page.getByText('No answer came').waitFor();
  await looksRight(page, 'the search failed');
  assert.equal(await page.locator('.results[aria-busy]').count(), 0);
  await page.context().setOffline(false);
  await arrow.click();
  await page.getByRole('heading', { name: 'End of the relationship' }).waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Try again' }).waitFor({ state: 'hidden' });
  await page.getByRole('heading', { name: 'End of the relationship' }).waitFor();
});

story('a dialog ends with its page, and with whoever was asked', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await contoso.opens('/customers');
  await contoso.signsIn(page, { seconds: 17 });
  await page.getByRole('button', { name: /Fabrikam/ }).first().click();
  const removal = page.getByRole('button', { name: 'Remove relationship' });
  const dialog = page.getByRole('dialog', { name: /Fabrikam/ });
  await removal.click();
  await dialog.getByLabel('Type “Fabrikam” to confirm').fill('Fabrikam');

  // Somebody else signs in where this was asked of the first: nothing is done in their name.
  await page.waitForTimeout(8_000); // less than ten seconds are left: the portal counts that as over
  const popup = page.waitForEvent('popup');
  await dialog.getByRole('button', { name: 'Remove relationship' }).click();
  await page.getByRole('dialog').last().getByRole('button', { name: 'Sign in', exact: true }).click();
  const other = scene.colleague(contoso, ['GlobalAdmin']);
  other.email = `other@${contoso.domain}`;
  await other.becomes(await popup);
  await page.getByRole('dialog').first().waitFor({ state: 'detached' });
  assert.equal((await contoso.does('GET', '/v1/customers')).items.length, 1);

  // The browser's own ways lead out of a dialog too.
  await page.getByRole('link', { name: 'Invitations' }).click();
  await page.waitForURL('**/invitations');
  await page.goBack();
  await removal.click();
  await dialog.waitFor();
  await page.goForward();
  await page.getByRole('heading', { name: 'Invitations', level: 1 }).waitFor();
  await dialog.waitFor({ state: 'detached' });
});

story('a record that is opened again is seen, but not changed, until it is read', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  const arrow = page.getByRole('button', { name: /Fabrikam/ }).first();
  const add = page.getByRole('button', { name: 'Add user' });
  await add.click();
  await page.getByRole('form', { name: 'Add user' }).getByLabel('Display name').fill('Mai Sato');
  let asked = 0;
  await page.route(`**/v1/customers/${fabrikam.tenant}`, (route) => {
    asked += 1;
    return route.fallback();
  });
  const letGo = await holdsBack(page, `**/v1/customers/${fabrikam.tenant}`);
  for (let n = 0; n < 4; n += 1) await arrow.press('Enter');
  assert.equal(await page.locator('.record-parts[inert]').count(), 1);
  await looksRight(page, 'the record is read again');
  await sells(contoso, fabrikam);
  letGo();
  await page.getByText('Business Premium').first().waitFor();
  assert.equal(asked, 1);
  assert.equal(await page.locator('.record-parts[inert]').count(), 0);
  assert.equal(await page.getByRole('form', { name: 'Add user' }).getByLabel('Display name').inputValue(), 'Mai Sato');
});

story('who tries again goes on at the record that is open', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await contoso.entersAt('/customers');
  const arrow = page.getByRole('button', { name: /Fabrikam/ }).first();
  await page.route(`**/v1/customers/${fabrikam.tenant}`, (route) => route.fulfill({ status: 500 }), { times: 1 });
  await arrow.click();
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await page.getByRole('heading', { name: 'End of the relationship' }).waitFor();
  assert.ok(await arrow.evaluate((element) => element === document.activeElement));
});

story('a part of the page that failed twice is asked of a new page', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await contoso.entersAt('/customers');
  scene.guard.expect(/Failed to load resource/);
  await page.route('**/pages/customers/panel.js', (route) => route.abort());
  await page.getByRole('button', { name: /Fabrikam/ }).first().click();
  const again = page.getByRole('button', { name: 'Try again' });
  await again.click();
  // As in a browser that keeps the failure: nothing but another document helps. While there is no network, this one stays.
  await page.context().setOffline(true);
  await again.click();
  await page.locator('.problem button:enabled').waitFor();
  await page.context().setOffline(false);
  page.once('framenavigated', () => void page.unroute('**/pages/customers/panel.js'));
  await again.click();
  await page.getByRole('heading', { name: 'End of the relationship' }).waitFor();
});

story('who signs out leaves nothing of what was seen and typed, in this tab and the next', async (scene) => {
  const [contoso, northwind] = await Promise.all([scene.partner('Contoso'), scene.partner('Northwind')]);
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const [invitation, waiting] = [await northwind.invites(), await northwind.invites()];
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Open service request' }).click();
  await page.getByLabel('Title').fill('Mail does not arrive');
  const opensLink = async (/** @type {string} */ path) => {
    const tab = await page.context().newPage();
    await tab.goto(path);
    await tab.getByRole('heading', { level: 1, name: 'Northwind asks' }).waitFor();
    return tab;
  };
  const second = await opensLink(invitation.path);
  await contoso.signsIn(second);
  await second.getByText('About your organization').click();
  await second.getByLabel('Company name').fill('Contoso');
  await second.getByRole('button', { name: 'Decline', exact: true }).click();
  await second.getByRole('dialog').waitFor();
  const third = await opensLink(waiting.path);

  await page.bringToFront();
  await page.getByRole('banner').getByText('Contoso admin').first().click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Reseller relationships' }).waitFor();
  await second.bringToFront();
  await second.getByRole('heading', { level: 1, name: 'Open an invitation' }).waitFor();
  await second.getByRole('dialog').waitFor({ state: 'hidden' });
  await looksRight(second, 'signed out in another tab');
  for (const tab of [page, second]) assert.deepEqual(await tab.evaluate(() => ({ ...sessionStorage })), {});
  // Nobody was signed in there: the invitation may be another person's.
  assert.ok((await third.evaluate(() => JSON.stringify({ ...sessionStorage }))).includes(waiting.token));

  // A page that the browser kept as it was left begins anew. Browsers that a program drives keep none, so it is only told so.
  const begun = second.waitForEvent('load');
  await second.evaluate(() => { dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })); });
  await begun;
});

story('a note whose answer is lost is not added twice', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  await contoso.does('POST', `/v1/customers/${fabrikam.tenant}/service-requests`, { title: 'Mail does not arrive', description: 'Since this morning.', severity: 'minimal', channel: 'assisted' });
  const page = await opensRecord(contoso, fabrikam);
  // It is done, and a busy service says that it might not be.
  await page.route('**/service-requests/*', async (route) => {
    assert.equal((await route.fetch()).status(), 200);
    await route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: { type: '/problems/unavailable', title: 'Busy', status: 503 } });
  });
  await page.getByRole('button', { name: /^Add note/ }).click();
  const note = page.getByRole('form', { name: 'Add a note to Mail does not arrive' });
  await note.getByLabel('Note', { exact: true }).fill('The vendor looks at it.');
  await note.getByRole('button', { name: 'Add note' }).click();
  await note.getByRole('button', { name: 'Try again' }).waitFor();
  const { serviceRequests } = await contoso.record(fabrikam);
  assert.equal(serviceRequests.items[0].notes.length, 1);
});

story('a name with odd spaces and letters is typed as it is read', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const invitation = await contoso.invites();
  // Two spaces, and an accent that is a character of its own.
  const name = 'Cafe\u0301  Fabrikam';
  await fabrikam.does('POST', '/v1/invitations/accept', { token: invitation.token, agreementAccepted: true, customer: { name, domain: fabrikam.domain, country: fabrikam.country } });
  assert.equal((await contoso.record(fabrikam)).account.name, name);
  const page = await opensRecord(contoso, fabrikam);
  await page.getByRole('button', { name: 'Remove relationship' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('Caf\u00e9 Fabrikam');
  await dialog.getByRole('button', { name: 'Remove relationship' }).click();
  await dialog.waitFor({ state: 'hidden' });
  assert.deepEqual((await contoso.does('GET', '/v1/customers')).items, []);
});

story('who tries to remove again goes on at the button that it began with', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await related(contoso, fabrikam);
  const page = await opensRecord(contoso, fabrikam);
  await page.route('**/subscriptions?*', (route) => route.fulfill({ status: 500 }), { times: 1 });
  const remove = page.locator('.removal').getByRole('button', { name: 'Remove relationship' });
  await remove.click();
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Keep as it is' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.ok(await remove.evaluate((element) => element === document.activeElement));
});
