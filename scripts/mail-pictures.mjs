// The part of mail-pictures.sh that asks `local` for drafts and takes pictures of them.
import { chromium } from "playwright-core";

const [base, folder] = process.argv.slice(2);
const languages = ["en", "de", "ja", "zh-Hant"];
const widths = [360, 800];
const operator = "00000000-0000-4000-8000-000000000001";
const partner = "33333333-3333-4333-8333-333333333333";

async function ask(method, path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(base + path, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}
const token = async (tenantId, role) => (await ask("POST", "/_local/token", { tenantId, roles: [role] })).access_token;

await ask("PUT", `/v1/partners/${partner}`, {
  name: "Contoso", country: "JP", cloud: "public",
  supportContact: { name: "Help desk", email: "help@contoso.example", phone: "+81 3 0000 0000", web: "https://contoso.example/help" },
}, await token(operator, "Operator"));
const admin = await token(partner, "GlobalAdmin");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // it does not start as root otherwise
  ],
});
try {
  for (const locale of languages) {
    const customer = { name: "Fabrikam", email: "admin@fabrikam.example", country: "JP" };
    const { draft } = await ask("POST", "/v1/invitations", { customer, includeDelegatedAdmin: true, locale }, admin);
    for (const width of widths) {
      for (const colorScheme of ["light", "dark"]) {
        const viewport = { width, height: 100 }; // a full page is as high as its content
        const context = await browser.newContext({ viewport, colorScheme, offline: true, javaScriptEnabled: false });
        const page = await context.newPage();
        await page.setContent(draft.html);
        await page.screenshot({ path: `${folder}/mail-${locale}-${width}-${colorScheme}.png`, fullPage: true });
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
}
