// The way in: the home page, an address that is none, the description of the API, and signing in and out.
import assert from 'node:assert/strict';
import { looksRight } from '../harness/looks.js';
import { stories } from '../harness/story.js';

const story = await stories();

story('a stranger finds the way for partners and for customers', async (scene) => {
  const page = await scene.somebody().opens('/');
  await page.getByRole('heading', { name: 'Reseller relationships' }).waitFor();
  await looksRight(page, 'home');
  await page.getByRole('link', { name: 'Your customers' }).click();
  await page.waitForURL('**/customers');
  await page.getByRole('heading', { name: 'Sign in to go on' }).waitFor();
  await looksRight(page, 'signed out');
  await page.goBack();
  await page.getByRole('heading', { name: 'Reseller relationships' }).waitFor();
});

story('an address that is none says so', async (scene) => {
  const page = await (await scene.somebody().browser()).newPage();
  scene.guard.expect(/Failed to load resource.*404/);
  const answer = await page.goto('/nothing');
  assert.equal(answer?.status(), 404);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await looksRight(page, 'no such page');
});

story('the API is read, and an operation is found by its words', async (scene) => {
  const page = await scene.somebody().opens('/api');
  await page.getByRole('heading', { name: 'API reference' }).waitFor();
  await page.getByText('/v1/invitations/preview').first().waitFor();
  await looksRight(page, 'the API reference');
  await page.getByLabel('Filter operations').fill('delegated-admin');
  await page.getByText('/v1/invitations/preview').first().waitFor({ state: 'hidden' });
  await page.getByText('/v1/partners/{partnerId}/delegated-admin').first().waitFor();
  await page.getByLabel('Filter operations').fill('no such thing at all');
  await page.getByText('No operation matches').waitFor();
});

story('somebody signs in, reloads, and signs out in every tab', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await contoso.entersAt('/customers');
  await page.getByRole('banner').getByText('Contoso admin').first().waitFor();
  await page.reload();
  await page.getByRole('banner').getByText('Contoso admin').first().waitFor();

  const second = await page.context().newPage();
  await second.goto('/customers');
  await contoso.signsIn(second);
  await second.getByRole('banner').getByText('Contoso admin').first().waitFor();

  await page.bringToFront();
  await page.getByRole('banner').getByText('Contoso admin').first().click();
  await looksRight(page, 'the account');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Reseller relationships' }).waitFor();
  await page.getByRole('banner').getByRole('button', { name: 'Sign in' }).waitFor();
  await second.getByRole('banner').getByText('Contoso admin').first().waitFor({ state: 'hidden' });
  await page.goto('/customers');
  await page.getByRole('heading', { name: 'Sign in to go on' }).waitFor();
});

story('an answer of the sign-in that nobody asked for signs nobody in', async (scene) => {
  const page = await scene.somebody().opens('/signed-in?code=made-up&state=made-up');
  await page.getByText('You are not signed in').first().waitFor();
  await looksRight(page, 'not signed in');
});

story('a persona of the local issuer is one click', async (scene) => {
  const page = await scene.somebody().opens('/partners');
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Fabrikam GlobalAdmin' }).click();
  await page.waitForURL('**/partners');
  await page.getByText('Fabrikam').first().waitFor();
});

story('the language is chosen and remembered', async (scene) => {
  const page = await scene.somebody().opens('/');
  await page.getByLabel('Language').selectOption('ja');
  await page.waitForFunction(() => document.documentElement.lang === 'ja');
  await page.reload();
  await page.waitForFunction(() => document.documentElement.lang === 'ja');
  await page.getByRole('heading', { level: 1, name: /[ァ-ン]/ }).waitFor();
  await looksRight(page, 'home in Japanese');
});
