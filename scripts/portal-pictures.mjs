// The part of portal-pictures.sh that sets a scene and takes pictures of it.
import { join } from 'node:path';
import { launch } from '../tests/browser/harness/browser.js';
import { Deployment } from '../tests/browser/harness/deployment.js';
import { Scene } from '../tests/browser/harness/story.js';

const [folder] = process.argv.slice(2);
const HEIGHT = 860;

const [deployment, browser] = await Promise.all([Deployment.start(), launch()]);
const scene = new Scene(deployment, browser);
try {
  const contoso = await scene.partner('Contoso', { domain: 'contoso.example' });
  const fabrikam = scene.customer('Fabrikam', { domain: 'fabrikam.example' });
  await contoso.invites({ customer: { name: 'Fabrikam', email: 'admin@fabrikam.example', country: 'JP' } })
    .then((invitation) => fabrikam.accepts(invitation));
  for (const [name, domain] of [['Adatum', 'adatum.example'], ['Tailspin Toys', 'tailspin.example']]) await scene.customer(name, { domain }).accepts(await contoso.invites({ customer: { name } }));
  const customer = `/v1/customers/${fabrikam.tenant}`;
  const { subscription } = await contoso.does('POST', `${customer}/subscriptions`, {
    kind: 'subscription', serviceType: 'microsoft365', name: 'Microsoft 365 Business Premium', sku: 'CFQ7TTC0LCHC', quantity: 5,
  });
  const { user } = await contoso.does('POST', `${customer}/users`, { userPrincipalName: `mai@${fabrikam.domain}`, displayName: 'Mai Sato' });
  await contoso.does('PATCH', `${customer}/users/${user.id}`, { licenses: { add: [subscription.id] } });
  await contoso.does('POST', `${customer}/service-requests`, {
    title: 'Mail does not arrive', description: 'Since this morning, for two people.', severity: 'moderate', channel: 'assisted',
  });
  const open = await contoso.invites({ customer: { name: 'Wide World Importers', email: 'admin@wideworld.example', country: 'JP' }, locale: 'en' });
  const declined = await contoso.invites({ customer: { name: 'Proseware', email: 'it@proseware.example', country: 'JP' } });
  await scene.customer('Proseware').declines(declined, 'We have a partner already.');

  await pictures('home', await scene.somebody().opens('/'));
  const work = await contoso.entersAt(`/customers?customer=${fabrikam.tenant}`);
  await work.getByText('Mail does not arrive').first().waitFor();
  await pictures('customers', work);
  await work.goto(`/request?invitation=${open.id}`);
  await work.getByRole('button', { name: 'Send now' }).waitFor();
  await pictures('request', work);
  await work.goto('/invitations');
  await work.getByText('We have a partner already.').waitFor();
  await pictures('invitations', work);
  const answer = await scene.somebody().opens(open.path);
  await answer.getByText('Contoso').first().waitFor();
  await pictures('accept', answer);
  const partners = await fabrikam.entersAt('/partners');
  await partners.getByText('Contoso').first().waitFor();
  await pictures('partners', partners);
} finally {
  await browser.close();
  await deployment.stop();
}

/** @param {string} name @param {Awaited<ReturnType<import('../tests/browser/harness/person.js').Person['opens']>>} page */
async function pictures(name, page) {
  await page.setViewportSize({ width: 1280, height: HEIGHT });
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `portal-${name}-${colorScheme}.png`), animations: 'disabled', fullPage: true });
  }
}
