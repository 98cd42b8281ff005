// The customer's pages in every language of the mail.
import assert from 'node:assert/strict';
import { holdsBack } from '../harness/held.js';
import { fits, looksRight } from '../harness/looks.js';
import { stories } from '../harness/story.js';

const story = await stories();

/** How each language says the name of Japan, and the days of a date: by what it is told apart. @type {Record<string, { japan: string, date: RegExp, script?: RegExp }>} */
const LANGUAGES = {
  en: { japan: 'Japan', date: /\w+ \d{1,2}, \d{4}/ },
  ja: { japan: '日本', date: /\d{4}年\d{1,2}月\d{1,2}日|\d{4}\/\d\d\/\d\d/, script: /[ぁ-ん]/ },
  de: { japan: 'Japan', date: /\d{1,2}\. \p{L}+ \d{4}|\d\d\.\d\d\.\d{4}/u },
  fr: { japan: 'Japon', date: /\d{1,2} \p{L}+\.? \d{4}/u },
  es: { japan: 'Japón', date: /\d{1,2} (de )?\p{L}+ (de )?\d{4}/u },
  'pt-BR': { japan: 'Japão', date: /\d{1,2} de \p{L}+\.? de \d{4}/u },
  it: { japan: 'Giappone', date: /\d{1,2} \p{L}+ \d{4}/u },
  nl: { japan: 'Japan', date: /\d{1,2} \p{L}+ \d{4}/u },
  pl: { japan: 'Japonia', date: /\d{1,2} \p{L}+ \d{4}/u },
  ko: { japan: '일본', date: /\d{4}년 \d{1,2}월 \d{1,2}일|\d{4}\. \d{1,2}\. \d{1,2}\./, script: /[가-힣]/ },
  'zh-Hans': { japan: '日本', date: /\d{4}年\d{1,2}月\d{1,2}日/, script: /[\u4e00-\u9fff]/ },
  'zh-Hant': { japan: '日本', date: /\d{4}年\d{1,2}月\d{1,2}日/, script: /[\u4e00-\u9fff]/ },
};

/** A text that was not found shows its key. */
const KEY = /\b(customer|problem|session|nav|action|state|accept)\.[a-z]\w*/;

for (const [tag, expected] of Object.entries(LANGUAGES)) {
  story(`an invitation in ${tag} is read and answered in it`, async (scene) => {
    const contoso = await scene.partner('Contoso');
    const fabrikam = scene.customer('Fabrikam');
    const invitation = await contoso.invites({ locale: tag });
    const page = await fabrikam.opens(invitation.path, { locale: 'sv-SE' }); // a language that the portal has not
    await page.waitForFunction((lang) => document.documentElement.lang === lang, tag);
    await page.getByText('Contoso').first().waitFor();
    const main = page.getByRole('main');
    const words = await main.innerText();
    assert.match(words, expected.date);
    assert.ok(words.includes(expected.japan), words);
    if (expected.script) assert.match(words, expected.script);
    assert.doesNotMatch(await page.locator('body').innerText(), KEY);
    await looksRight(page, `the request in ${tag}`);

    const signIn = main.locator('.answer button').first();
    await fabrikam.signsIn(page, { button: await signIn.innerText() });
    await main.locator('.answer form').waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), tag);
    await main.getByRole('checkbox').check();
    await main.locator('.answer form button[type=submit]').click();
    await main.locator('.answer details[open]').waitFor();
    assert.doesNotMatch(await page.locator('body').innerText(), KEY);
    await fits(page, `the answer in ${tag}`);
    await main.locator('[autocomplete=organization]').fill('Fabrikam');
    await main.locator('[inputmode=url]').fill(fabrikam.domain);
    await main.locator('.answer form button[type=submit]').click();
    await main.getByRole('link').first().waitFor();
    await page.waitForFunction(() => document.querySelector('.answer') === null);
    assert.doesNotMatch(await page.locator('body').innerText(), KEY);

    await page.goto('/partners');
    await main.getByRole('heading', { name: 'Contoso' }).waitFor();
    assert.doesNotMatch(await page.locator('body').innerText(), KEY);
    await fits(page, `the partners in ${tag}`);
  });
}

story('plural forms are those of the language', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  const page = await fabrikam.opens((await contoso.invites({ locale: 'pl' })).path);
  await page.waitForFunction(() => document.documentElement.lang === 'pl');
  const main = page.getByRole('main');
  await fabrikam.signsIn(page, { button: await main.locator('.answer button').first().innerText() });
  await main.locator('.answer form button:not([type=submit])').last().click();
  const dialog = page.getByRole('dialog');
  const reason = dialog.getByRole('textbox');
  const left = dialog.getByRole('status').first();
  /** @type {string[]} */
  const said = [];
  for (const count of [1, 2, 5, 22]) {
    await reason.fill('x'.repeat(500 - count));
    said.push((await left.innerText()).replace(/\d+/, '#'));
  }
  // One, few and many are three forms in Polish, and 22 is few again.
  assert.equal(new Set(said).size, 3, said.join(' | '));
  assert.equal(said[1], said[3]);
});

story('whoever chose a language keeps it, whatever an invitation was written in', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const page = await scene.somebody().opens('/accept');
  await page.getByLabel('Language').selectOption('de');
  await page.waitForFunction(() => document.documentElement.lang === 'de');
  await page.goto((await contoso.invites({ locale: 'ja' })).path);
  await page.getByText('Contoso').first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
});

story('a partner works in Japanese', async (scene) => {
  const contoso = await scene.partner('Contoso');
  const fabrikam = scene.customer('Fabrikam');
  await fabrikam.accepts(await contoso.invites());
  const page = await contoso.opens(`/customers?customer=${fabrikam.tenant}`, { locale: 'ja-JP' });
  await page.waitForFunction(() => document.documentElement.lang === 'ja');
  await contoso.signsIn(page, { button: await page.locator('.sign-in button').innerText() });
  await page.getByText(fabrikam.domain).first().waitFor();
  for (const path of ['/customers', '/request', '/invitations']) {
    if (path !== '/customers') await page.goto(path);
    await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.match(await page.getByRole('main').innerText(), /[ぁ-ん]/);
    assert.doesNotMatch(await page.locator('body').innerText(), /\b(customers|invitations|problem|session|nav|action|state)\.[a-z]\w*/);
    await looksRight(page, `${path} in Japanese`);
  }
});

story('a language that comes late does not take the place of the one chosen after it', async (scene) => {
  const page = await scene.somebody().opens('/');
  await page.getByRole('heading', { name: 'Reseller relationships' }).waitFor();
  const letGo = await holdsBack(page, '**/text/shell/ja.js');
  const asked = page.waitForRequest('**/text/shell/ja.js');
  await page.getByLabel('Language').selectOption('ja');
  await asked;
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('main').getByText('Kunden').first().waitFor();
  const came = page.waitForResponse('**/text/shell/ja.js');
  letGo();
  await (await came).finished();
  // What the page says from now on is in its language.
  await page.getByRole('main').getByRole('textbox').press('Enter');
  const error = page.getByRole('main').locator('.error');
  await error.filter({ hasText: /./ }).waitFor();
  assert.doesNotMatch(await error.innerText(), /[ぁ-ん]/);
});

story('the description of the API is read out in English, and what surrounds it in the language of the page', async (scene) => {
  const page = await scene.somebody().opens('/api#createInvitation', { locale: 'de-DE' });
  await page.waitForFunction(() => document.documentElement.lang === 'de');
  const shown = page.locator('#createInvitation');
  await shown.getByRole('table').first().waitFor();
  const spoken = await page.evaluate(async () => {
    /** @type {Set<string>} */
    const english = new Set();
    JSON.stringify(await (await fetch('/openapi.json')).json(), (name, value) => {
      if (typeof value === 'string' && ['description', 'summary', 'title'].includes(name)) for (const part of value.split('`')) if (part.trim().includes(' ')) english.add(part);
      return value;
    });
    /** @type {Record<string, string[]>} */
    const found = {};
    const texts = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { parentElement, textContent } = texts.currentNode;
      if (english.has(textContent ?? '')) (found[parentElement?.closest('[lang]')?.getAttribute('lang') ?? ''] ??= []).push(textContent ?? '');
    }
    return found;
  });
  assert.deepEqual(Object.keys(spoken), ['en'], JSON.stringify(spoken.de));
  assert.ok((spoken.en?.length ?? 0) > 100, 'little of the description was found');
  assert.equal(await shown.getByRole('heading', { level: 3 }).first().evaluate((one) => one.closest('[lang]')?.getAttribute('lang')), 'de');
  await looksRight(page, 'the API reference in German');
});
