// A customer's partners: what each may do, since when, whom to ask, and taking delegated administration away.
import assert from 'node:assert/strict';
import { holdsBack } from '../harness/held.js';
import { looksRight } from '../harness/looks.js';
import { stories } from '../harness/story.js';

const story = await stories();

story('a customer without partners is told where they come from', async (scene) => {
  const page = await scene.customer('Fabrikam').entersAt('/partners');
  await page.getByText('You have no partners yet').waitFor();
  await looksRight(page, 'no partners');
});

story('a customer sees what each partner may do, and takes delegated administration away', async (scene) => {
  const [contoso, northwind] = await Promise.all([scene.partner('Contoso'), scene.partner('Northwind')]);
  const fabrikam = scene.customer('Fabrikam');
  await fabrikam.accepts(await contoso.invites());
  await fabrikam.accepts(await northwind.invites({ includeDelegatedAdmin: false }));
  const page = await fabrikam.entersAt('/partners');
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Contoso' }) });
  await card.getByText('Contoso can manage your users').waitFor();
  await card.getByText(`help@${contoso.domain}`).waitFor();
  await page.getByText('Northwind has no administrative access').waitFor();
  await looksRight(page, 'two partners');

  await card.getByRole('button', { name: /Remove delegated administration/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('stays responsible for it').waitFor();
  await looksRight(page, 'asked before removal');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await contoso.record(fabrikam)).relationship.delegatedAdmin, 'granted');
  await card.getByRole('button', { name: /Remove delegated administration/ }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await card.getByText('Removed by you').waitFor();
  await looksRight(page, 'removed');
  const { relationship } = await contoso.record(fabrikam);
  assert.equal(relationship.delegatedAdmin, 'removedByCustomer');
  assert.equal(relationship.responsibility.partnerResponsible, true);
  await page.reload();
  await card.getByText('Removed by you').waitFor();
  assert.equal(await card.getByRole('button').count(), 0);
});

story('somebody without the role is told which one it takes', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await fabrikam.accepts(await contoso.invites());
  const page = await scene.colleague(fabrikam, ['HelpdeskAgent']).entersAt('/partners');
  await page.getByText('Global administrator').waitFor();
  await looksRight(page, 'the role is refused');
});

story('the removal that cannot be done is tried again', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await fabrikam.accepts(await contoso.invites());
  const page = await fabrikam.entersAt('/partners');
  await page.getByRole('button', { name: /Remove delegated administration/ }).click();
  const dialog = page.getByRole('dialog');
  await page.context().setOffline(true);
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog.getByText('No answer came').waitFor();
  await looksRight(page, 'offline');
  assert.equal((await contoso.record(fabrikam)).relationship.delegatedAdmin, 'granted');
  await page.context().setOffline(false);
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('Removed by you').waitFor();
});

story('a removal that runs is not dismissed, and its outcome is seen', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await fabrikam.accepts(await contoso.invites());
  const page = await fabrikam.entersAt('/partners');
  const letGo = await holdsBack(page, '**/delegated-admin', 'DELETE');
  await page.getByRole('button', { name: /Remove delegated administration/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.locator('dialog[aria-busy=true]').waitFor();
  await looksRight(page, 'the removal runs');
  assert.ok(await dialog.getByRole('button', { name: 'Cancel' }).isDisabled());
  // A browser lets the second Esc through where only the first one was refused.
  for (let n = 0; n < 3; n += 1) await page.keyboard.press('Escape');
  assert.ok(await dialog.isVisible());
  letGo();
  await page.getByText('Removed by you').waitFor();
  await dialog.waitFor({ state: 'hidden' });
});
