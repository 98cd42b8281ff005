// The link in a text that people edit, and the mail application's address: as the API does it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putLinkBack, withWholeLinks } from '../../../functions/portal/web/pages/invitations/link.js';
import { mailto } from '../../../functions/portal/web/pages/invitations/mailto.js';

const link = 'https://portal.example/accept#AQ.key-_9';

/** @type {[string, string, string | null][]} */
const texts = [
  ['bare', `See ${link} today`, `See ${link} today`],
  ['in brackets', `<${link}>.`, `<${link}>.`],
  ['wrapped by a mail application', 'See https://portal.example/acc\r\n  ept#AQ.key\n-_9\n\nBye', `See ${link}\n\nBye`],
  ['twice, once wrapped', `${link} and ${link.slice(0, 20)}\n${link.slice(20)}`, `${link} and ${link}`],
  ['behind a word that begins like it', `https://portal.example/help ${link}`, `https://portal.example/help ${link}`],
  ['going on with another letter', `${link}x`, null],
  ['cut off', link.slice(0, -1), null],
  ['not there', 'Hello', null],
];
for (const [name, text, whole] of texts) test(`a link ${name}`, () => assert.equal(withWholeLinks(text, link), whole));

test('a renewed invitation’s link takes the place of the old one', () => {
  assert.equal(withWholeLinks(`a ${link} b`, link, 'https://new.example/#1'), 'a https://new.example/#1 b');
});

const drafted = `Hello\n\nOpen your link:\n\n${link}\n\nBye\n`;
/** @type {[string, string, string][]} */
const losses = [
  ['taken out', drafted.replace(link, ''), drafted],
  ['taken out with its line', drafted.replace(`${link}\n\n`, ''), drafted],
  ['damaged', drafted.replace(link, link.slice(0, -3)), drafted],
  ['damaged in brackets', `See <${link}x>.`, `See <${link}>.`],
  ['lost with all that led to it', 'Hi', `Hi\n\n${link}\n`],
  ['lost with everything', '', `${link}\n`],
];
for (const [name, text, back] of losses) {
  test(`a link ${name} is put back`, () => {
    const put = putLinkBack(text, link, drafted);
    assert.equal(put.text, back);
    assert.equal(put.text.slice(put.start, put.end), link);
  });
}

test('a mail application gets the text as edited, encoded as RFC 6068 says', () => {
  const { href, whole } = mailto({ to: 'a+b@x.example', subject: 'It’s (50%) & more', text: 'One\nTwo \n' }, 'mailto:?subject=s&body=short');
  assert.equal(href, 'mailto:a%2Bb@x.example?subject=It%E2%80%99s%20%2850%25%29%20%26%20more&body=One%0D%0ATwo');
  assert.ok(whole);
});

test('a text too long for a mail application gives way to the API’s own', () => {
  const long = { to: 'a@x.example', subject: 'S', text: '長'.repeat(300) };
  assert.deepEqual(mailto(long, 'mailto:q@x.example?subject=q&body=short'), { href: 'mailto:a@x.example?subject=S&body=short', whole: false });
  const longer = { ...long, subject: '長'.repeat(250) };
  assert.deepEqual(mailto(longer, 'mailto:?body=short'), { href: 'mailto:?body=short', whole: false });
});

test('half a surrogate pair breaks no address', () => {
  assert.ok(mailto({ to: '', subject: '\ud83d', text: 'x' }, '').href.includes('%EF%BF%BD'));
});
