// Writes each state of the pages behind the sign-in and of accounts by e-mail into a folder: `node e2e/private-screenshots.mjs FOLDER [words of a state's
// name]`, WIDTHS=1280,390. Looked at by a person.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../tools/serve.mjs";
import { openPage, openRenewable, startBrowser, VIEWPORTS } from "./browser.mjs";
import { onPaper } from "./checks.mjs";
import { startCanned } from "./canned/server.mjs";
import { ACCOUNT_STATES, showAccount } from "./account.mjs";
import { show, STATES } from "./private.mjs";

const [folder = "screenshots", ...wanted] = process.argv.slice(2);
const widths = process.env.WIDTHS?.split(",");
mkdirSync(folder, { recursive: true });
const canned = await startCanned();
const site = await serve({ facts: fileURLToPath(new URL("facts", import.meta.url)), portal: canned.url });
const browser = await startBrowser();
try {
  const { context, page, renewed } = await openRenewable(browser, site.url);
  for (const viewport of VIEWPORTS.filter(({ name }) => !widths || widths.includes(name))) {
    for (const state of [...STATES, ...ACCOUNT_STATES].filter(([name]) => name.includes(wanted.join(" ")))) {
      await renewed(viewport);
      const isThere = await showAccount(page, site.url, canned, state).then(() => true, () => false);
      if (!isThere) console.log(`«${state[0]}» at ${viewport.name} is not as it should be`);
      await page.screenshot({ path: join(folder, `${state[0].replaceAll(/[^a-z]+/gi, "-")}-${viewport.name}.png`), fullPage: !state[4]?.inDialog });
    }
  }
  await context.close();
  if (wanted.length === 0) {
    process.env.PAPER = folder;
    for (const [name, sheet] of [["receipt", "carta-ricevuta"], ["application sent", "carta-domanda"], ["application in quota", "carta-posizione"]]) {
      const { context, page } = await openPage(browser, VIEWPORTS[0]);
      await show(page, site.url, canned, STATES.find(([one]) => one === name));
      await onPaper({ page }, sheet, []);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await site.stop();
  await canned.stop();
}
