// The way through the local issuer's page, where people pick who they are.

/**
 * Signs in where the page asks for it, and waits until the page is there again.
 * @param {import('./person.js').Person} person @param {import('playwright-core').Page} page
 * @param {{ seconds?: number }} [more] how long the access token lasts
 */
export async function signInAs(person, page, { seconds } = {}) {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/_local/authorize?*');
  await becomes(person, page, seconds);
  await page.waitForURL((url) => !url.pathname.startsWith('/_local/') && url.pathname !== '/signed-in');
}

/**
 * Fills the local issuer's form in and sends it.
 * @param {import('./person.js').Person} person @param {import('playwright-core').Page} page @param {number} [seconds]
 */
export async function becomes(person, page, seconds) {
  const { tenantId, roles, name, email, country, cloud } = person.claims;
  const fields = { tenantId, roles: roles.join(' '), name, email, country };
  for (const [field, value] of Object.entries(fields)) await page.locator(`[name=${field}]`).fill(value);
  await page.locator('[name=cloud]').selectOption(cloud);
  if (seconds !== undefined) await page.locator('[name=expiresInSeconds]').fill(String(seconds));
  await page.locator('form:has([name=tenantId]) button').click();
}
