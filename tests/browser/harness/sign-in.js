// The way through the local issuer's page, where people choose whom to be.

/**
 * Signs in where the page asks for it, and waits until the page is there again.
 * @param {import('./person.js').Person} person @param {import('playwright-core').Page} page
 * @param {{ seconds?: number, button?: string }} [more] how long the access token lasts; what the button says
 */
export async function signInAs(person, page, { seconds, button = 'Sign in' } = {}) {
  await page.bringToFront(); // a tab behind another one hardly moves
  await page.getByRole('main').getByRole('button', { name: button, exact: true }).click();
  await becomes(person, page, seconds);
  await page.waitForURL((url) => !url.pathname.startsWith('/_local/') && url.pathname !== '/signed-in');
}

/**
 * Fills the local issuer's form in and sends it.
 * @param {import('./person.js').Person} person @param {import('playwright-core').Page} page @param {number} [seconds]
 */
export async function becomes(person, page, seconds) {
  await page.waitForURL('**/_local/authorize?*');
  const { tenantId, roles, name, email, country, cloud } = person.claims;
  const form = page.locator('form:has([name=tenantId])');
  await form.getByLabel('Tenant').fill(tenantId);
  await form.getByLabel('Roles').fill(roles.join(','));
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('Email').fill(email);
  await form.getByLabel('Country').fill(country);
  await form.getByLabel('Cloud').selectOption(cloud);
  if (seconds !== undefined) await form.getByLabel('The token lasts').fill(String(seconds));
  await form.getByRole('button', { name: 'Sign in' }).click();
}
