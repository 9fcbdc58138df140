// Starts the Chromium that the npm package @sparticuz/chromium carries, with the libraries that a bare machine lacks: no
// apt-get, no rights. CHROMIUM names another browser to be used instead.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = fileURLToPath(new URL("..", import.meta.url));

/** Unpacks it once, into a folder of this checkout; a half unpacked one never counts. */
async function unpacked() {
  const packages = join(here, "node_modules/@sparticuz/chromium");
  const { version } = JSON.parse(readFileSync(join(packages, "package.json"), "utf8"));
  const folder = join(here, `.local/chromium-${version}`);
  if (existsSync(folder)) return folder;
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  // The package unpacks into the folder of temporary files.
  const before = process.env.TMPDIR;
  process.env.TMPDIR = half;
  try {
    const { inflate } = await import("@sparticuz/chromium");
    for (const part of ["chromium.br", "fonts.tar.br", "al2023.tar.br"]) await inflate(join(packages, "bin", part));
    // The package's own list names folders of Lambda. Without any font to fall back to, Chromium refuses web fonts, too.
    writeFileSync(
      join(half, "fonts.conf"),
      `<?xml version="1.0"?><fontconfig><dir>${join(folder, "fonts")}</dir><dir>/usr/share/fonts</dir><cachedir>${join(folder, "font-cache")}</cachedir></fontconfig>\n`,
    );
    // Another test may have been quicker.
    if (!existsSync(folder)) renameSync(half, folder);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(half, { recursive: true, force: true });
  }
  return folder;
}

/** A running browser. */
export async function startBrowser(more = []) {
  const args = [...more, "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none", "--lang=it-IT"];
  const given = process.env.CHROMIUM;
  if (given) return chromium.launch({ executablePath: given, args });
  const folder = await unpacked();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [join(folder, "al2023/lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
    },
  });
}

/** The four widths at which pages are looked at. */
export const VIEWPORTS = [
  { name: "1280", width: 1280, height: 900 },
  { name: "768", width: 768, height: 1024 },
  { name: "390", width: 390, height: 844 },
  { name: "320", width: 320, height: 640 },
];

/** The widths at which each state is loaded, each with those at which it is looked at: 320 is a telephone's page, zoomed in. */
export const LOADS = [[VIEWPORTS[0]], [VIEWPORTS[2], VIEWPORTS[3]]];

/** Looks at a loaded page at each of these widths; it was loaded at the first. */
export async function atEach(page, widths, look) {
  for (const viewport of widths) {
    await page.setViewportSize({ width: viewport.width, height: viewport.height });
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await look(viewport.name);
  }
}

/** A page of one width that complains: everything that the console calls an error is kept in `errors`. */
export async function openPage(browser, viewport, options = {}) {
  const context = await browser.newContext({
    viewport: { width: viewport.width, height: viewport.height },
    locale: "it-IT",
    // Not Rome, so that a page that reads the computer's zone is found out.
    timezoneId: "America/New_York",
    ...options,
  });
  const page = await context.newPage();
  const errors = [];
  page.on("console", (message) => {
    // What a request was answered is the test's affair; a broken policy or script is not.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  return { context, page, errors };
}

/** What a page can leave in the browser, the loaded files apart. */
const LEFT = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage";

/**
 * A page for many states, each found as a new visitor finds it: `renewed(viewport)` takes away what the last one left. The
 * browser's process stays with what it has loaded and compiled, which costs a third of the processor otherwise.
 */
export async function openRenewable(browser, origin) {
  const { context, page, errors } = await openPage(browser, VIEWPORTS[0]);
  const browserItself = await context.newCDPSession(page);
  const renewed = async ({ width, height }) => {
    await context.setOffline(false);
    // A page of the same origin, so that the process stays, and with nothing on it that could write.
    await page.goto(`${origin}/robots.txt`);
    await page.evaluate(() => sessionStorage.clear());
    await browserItself.send("Storage.clearDataForOrigin", { origin, storageTypes: LEFT });
    await page.setViewportSize({ width, height });
    errors.length = 0;
  };
  return { context, page, errors, renewed };
}

/** Goes to an address and waits until the page has taken over. */
export async function visit(page, url) {
  await page.goto(url, { waitUntil: "load" });
  await page.locator("html[data-ready]").waitFor({ state: "attached", timeout: 15_000 });
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
}
