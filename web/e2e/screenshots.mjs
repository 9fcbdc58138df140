// Writes every page and state in four widths into a folder: `npm run screenshots -- FOLDER [path…]`; with paths only those
// public pages. Looked at by a person.

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../tools/serve.mjs";
import { openPage, startBrowser, VIEWPORTS, visit } from "./browser.mjs";
import { PUBLIC_PAGES } from "./public.mjs";

const [folder = "screenshots", ...only] = process.argv.slice(2);
const widths = process.env.WIDTHS?.split(",");
mkdirSync(folder, { recursive: true });
const site = process.env.PORTAL
  ? { url: process.env.PORTAL, stop: async () => {} }
  : await serve({ facts: fileURLToPath(new URL("facts", import.meta.url)) });
const browser = await startBrowser();
try {
  for (const viewport of VIEWPORTS.filter(({ name }) => !widths || widths.includes(name))) {
    const { context, page } = await openPage(browser, viewport);
    for (const [path] of PUBLIC_PAGES.filter(([path]) => only.length === 0 || only.includes(path))) {
      await visit(page, site.url + path);
      const name = path === "/" ? "home" : path.slice(1).replaceAll("/", "-");
      await page.screenshot({ path: join(folder, `${name}-${viewport.name}.png`), fullPage: true });
    }
    await context.close();
  }
} finally {
  await browser.close();
  await site.stop();
}

/** The other states are drawn by the scripts that bring them about; a check that fails there is told and draws on. */
const others = [
  ["private-screenshots.mjs", [folder], {}],
  ["sending.mjs", [folder], { ONLY: "states" }],
  ["armed.mjs", [folder], { ONLY: "states" }],
  ["fill-in.mjs", [], { SHOTS: join(folder, "compila") }],
];
if (only.length === 0) {
  mkdirSync(join(folder, "compila"), { recursive: true });
  for (const [script, args, settings] of others) {
    spawnSync(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], { stdio: "inherit", env: { ...process.env, ...settings } });
  }
}
