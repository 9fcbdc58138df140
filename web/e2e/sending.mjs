// The page of sending in a real Chromium, against a canned portal: a press before the opening, kept arrivals, a cut line, a
// page that sleeps, 900 rows, the first screen of a telephone, the budget of requests; and axe, house rules and sideways scroll
// in every state and width.
// `node e2e/sending.mjs [FOLDER]` also writes screenshots. Ends with 1 when something is wrong. Needs a built site.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../tools/serve.mjs";
import { openPage, openRenewable, startBrowser, VIEWPORTS, visit } from "./browser.mjs";
import { axe, house, measured, sideways, tooSlow } from "./checks.mjs";
import { idOf, pathOf, startPortal } from "./click-day-portal.mjs";

const [folder] = process.argv.slice(2);
const DAY = 86_400_000;
const WIDE = VIEWPORTS[0];
const only = process.env.ONLY?.split(",");
let passed = 0;
const failures = [];

function check(name, isGood, found = "") {
  if (isGood) passed += 1;
  else failures.push(`✘ ${name} ${typeof found === "string" ? found : JSON.stringify(found)}`);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const text = (page) => page.locator("main").innerText();
const waitFor = (page, words, timeout = 45_000) => page.locator("main", { hasText: words }).waitFor({ timeout });
const pressSend = (page) => page.getByRole("button", { name: "Invia domande" }).click({ timeout: 45_000 });
const posts = (portal) => portal.asked.filter(({ path }) => path === "/api/submissions/batch");

/** Runs one scenario with a portal and a site of its own. */
async function scenario(browser, name, campaigns, run) {
  if (only && !only.includes(name)) return;
  const portal = await startPortal(campaigns);
  const site = await serve({ portal: portal.url });
  const startedAt = Date.now();
  const opened = [];
  const open = async (viewport = WIDE, options = {}) => {
    const one = await openPage(browser, viewport, options);
    opened.push(one);
    return one;
  };
  try {
    await run({ portal, campaigns, site, open });
    check(`${name}: console`, opened.every(({ errors }) => errors.length === 0), opened.flatMap(({ errors }) => errors));
  } catch (error) {
    failures.push(`✘ ${name}: ${error}`);
  } finally {
    for (const { context } of opened) await context.close();
    await site.stop();
    await portal.stop();
    console.log(`${name}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

async function pressBeforeOpening({ portal, site, open }) {
  const { page, context } = await open();
  await page.addInitScript(() => {
    globalThis.said = [];
    const listen = () => {
      const text = document.getElementById("live-polite")?.textContent;
      if (text && text !== globalThis.said.at(-1)) globalThis.said.push(text);
    };
    new MutationObserver(listen).observe(document, { childList: true, characterData: true, subtree: true });
  });
  await visit(page, site.url + pathOf("soon"));
  await pressSend(page);
  await waitFor(page, "Parte alle");
  const other = await context.newPage();
  await visit(other, site.url + pathOf("soon"));
  await pressSend(other);
  await waitFor(other, "Parte alle");
  check("press: nothing leaves before", posts(portal).length === 0);
  await waitFor(page, "Arrivate 120 di 120");
  await waitFor(other, "Arrivate 120 di 120");
  const late = posts(portal).map(({ at }) => at - portal.openingOf("soon"));
  console.log(`  posts of two tabs, milliseconds after the opening: ${late.join(", ")}`);
  check("press: 2 requests of each tab", posts(portal).filter(({ at }) => at >= portal.openingOf("soon")).length === 4, late);
  check("press: one receipt each", portal.stored.size === 120, portal.stored.size);
  const said = await page.evaluate(() => globalThis.said);
  check("press: who has pressed is not told to press", said.length > 0 && !said.some((text) => text.includes("Ora puoi premere")), said);
  check("press: spoken at the end", (await page.locator("#live-polite").innerText()).includes("Invio finito"));
  await page.reload();
  await waitFor(page, "Arrivate 120 di 120");
  check("press: a reload shows the receipts and asks nothing", posts(portal).filter(({ at }) => at >= portal.openingOf("soon")).length === 4);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /Scarica ricevuta firmata/ }).first().click()]);
  check("press: the receipt's file", /^ricevuta-RN-\d+\.json$/.test(download.suggestedFilename()), download.suggestedFilename());
}

async function keptArrival({ portal, site, open }) {
  const { page } = await open();
  portal.mishaps = ["503-ticket", "503-ticket"];
  await visit(page, site.url + pathOf("open"));
  await pressSend(page);
  await page.getByText(/Il tuo orario di arrivo \d\d:\d\d:\d\d,\d{3} è conservato\. Stiamo riprovando\./).first().waitFor();
  const shown = /arrivo (\S+) è/.exec(await text(page))?.[1];
  // A reload in the middle: the ticket is redeemed all the same.
  await page.reload();
  await waitFor(page, "Arrivate 3 di 3");
  const first = posts(portal)[0].at;
  const arrivals = [...portal.stored.values()].map((receipt) => Date.parse(JSON.parse(receipt).receipt.arrival));
  check("503 twice: the first arrival is in each receipt", arrivals.every((at) => at === Math.floor(first)) || arrivals.every((at) => Math.abs(at - first) < 5), arrivals);
  check("503 twice: shown to the millisecond", shown?.endsWith(String(new Date(arrivals[0]).getMilliseconds()).padStart(3, "0")), shown);
  const left = await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("portal-arrival")));
  check("503 twice: no ticket is left", left.length === 0, left);
}

/** A closed tab leaves its tickets to the next one. */
async function closedTab({ portal, site, open }) {
  const { page, context, errors } = await open();
  portal.mishaps = Array(3).fill("503-ticket");
  await visit(page, site.url + pathOf("open"));
  await pressSend(page);
  await page.getByText(/è conservato/).first().waitFor();
  await page.close();
  const first = posts(portal)[0].at;
  const next = await context.newPage();
  next.on("pageerror", (error) => errors.push(String(error)));
  await visit(next, site.url + pathOf("open"));
  await waitFor(next, "Arrivate 3 di 3");
  const arrivals = [...portal.stored.values()].map((receipt) => Date.parse(JSON.parse(receipt).receipt.arrival));
  check("closed tab: the first arrival is in each receipt", arrivals.length === 3 && arrivals.every((at) => Math.abs(at - first) < 5), arrivals);
}

/** What was chosen in the list before; a computer's clock that is an hour ahead; what became ready since; «Quanto manca?». */
async function choice({ portal, campaigns, site, open }) {
  const { page } = await open();
  await page.addInitScript((id) => history.replaceState({ page: { applications: [id] }, scroll: 0 }, ""), idOf("open", 1));
  await page.addInitScript(() => {
    const right = Date.now.bind(Date);
    Date.now = () => right() + 3_600_000;
  });
  await visit(page, site.url + pathOf("open"));
  await waitFor(page, "1 domanda scelta su 3");
  await waitFor(page, "precisione ±");
  const shown = await page.getByRole("timer").first().innerText();
  const rome = new Intl.DateTimeFormat("it-IT", { timeZone: "Europe/Rome", hour: "2-digit", minute: "2-digit" }).format(portal.now());
  check("choice: the portal's hour and not the computer's", shown.startsWith(rome.slice(0, 3)), `${shown} for ${rome}`);
  await pressSend(page);
  await waitFor(page, "Arrivate 1 di 1");
  check("choice: only what was chosen", posts(portal).length === 1 && posts(portal)[0].body.applications.join() === idOf("open", 1));
  check("choice: the outcome has the focus", (await page.evaluate(() => document.activeElement.id)) === "sending-progress");
  campaigns.open.rows = 5;
  await page.getByRole("button", { name: "Controlla se altre domande sono pronte" }).click();
  await waitFor(page, "2 domande scelte su 4");
  await pressSend(page);
  await waitFor(page, "Arrivate 3 di 3");
  const other = (await open()).page;
  await visit(other, site.url + pathOf("later"));
  await other.getByRole("button", { name: "Quanto manca?" }).click();
  const said = await other.locator("#live-polite").innerText();
  check("choice: «Quanto manca?» is said", /^Mancano? .*minut/.test(said), said);
}

/** A clock that is an hour ahead when the page opens: the press comes back as too early, and what was chosen stays chosen. */
async function tooEarly({ portal, site, open }) {
  const { page } = await open();
  await page.addInitScript((ids) => history.replaceState({ page: { applications: ids }, scroll: 0 }, ""), [idOf("later", 0), idOf("later", 2)]);
  portal.skew = 3_600_000;
  await visit(page, site.url + pathOf("later"));
  await waitFor(page, "2 domande scelte su 3");
  portal.skew = 0;
  await pressSend(page);
  await waitFor(page, "L'invio non è ancora aperto");
  await waitFor(page, "2 domande scelte su 3");
  const boxes = await page.locator("main").getByRole("checkbox", { checked: true }).count();
  check("early: what was chosen is chosen still, and nothing was stored", boxes >= 2 && portal.stored.size === 0, boxes);
}

/** Where the bar stands, and whether what is pressed in it can be seen and hit. */
const barOf = (page) =>
  page.evaluate(() => {
    const bar = document.querySelector(".sending-bar");
    const button = bar.querySelector("button");
    const box = button.getBoundingClientRect();
    const isInside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return { scrolled: scrollY, top: bar.getBoundingClientRect().top, isInside, isHit: button.contains(hit), hasFocus: document.activeElement === button, position: getComputedStyle(bar).position };
  });

/** What has the focus below the bar, going through the whole page with a key. */
async function covered(page, key, steps = 40) {
  const found = new Set();
  for (let n = 0; n < steps; n += 1) {
    await page.keyboard.press(key);
    const below = await page.evaluate(() => {
      const on = document.activeElement;
      const bar = document.querySelector(".sending-bar");
      if (!on || on === document.body || bar.contains(on)) return null;
      const [one, other] = [on.getBoundingClientRect(), bar.getBoundingClientRect()];
      return one.bottom > other.top + 1 && one.top < other.bottom - 1 ? `${on.tagName} ${on.id} ${on.textContent.trim().slice(0, 30)}` : null;
    });
    if (below) found.add(below);
  }
  return [...found];
}

/** «Invia domande», then «Annulla», then the outcome are in the first screen of a telephone, and never over what has the focus. */
async function firstScreen({ portal, site, open }) {
  const upright = { width: 390, height: 844 };
  const screens = [upright, { width: 320, height: 640 }, { width: 844, height: 390 }, { width: 1366, height: 600 }];
  let before = null;
  const start = async (name, viewport) => {
    await before?.close();
    portal.stored.clear();
    portal.skew = name === "minute" ? portal.openingOf("minute") - Date.now() - 50_000 : 0;
    const { page, context } = await open(viewport);
    before = context;
    await visit(page, site.url + pathOf(name));
    await page.getByRole("button", { name: "Invia domande" }).waitFor();
    return page;
  };
  const isCountSeen = async (page, bar) => {
    const left = await page.locator(".countdown").boundingBox();
    check("first screen: what is left of the time is above the bar", left.y + left.height <= bar.top, { left, bar });
  };
  for (const viewport of screens) {
    const where = `${viewport.width}x${viewport.height}`;
    for (const name of ["minute", "open", "many"]) {
      const page = await start(name, viewport);
      const first = await barOf(page);
      check(`first screen: ${name} at ${where}`, first.scrolled === 0 && first.isInside && first.isHit, first);
      if (name === "many") {
        if (viewport !== upright) continue;
        await page.locator(".data-table tbody tr").last().scrollIntoViewIfNeeded();
        const last = await barOf(page);
        check("first screen: the bar goes along to the last row", last.scrolled > viewport.height && last.isInside && last.isHit, last);
        continue;
      }
      if (name === "minute" && viewport === upright) await isCountSeen(page, first);
      for (const key of ["Tab", "Shift+Tab"]) {
        const below = await covered(page, key);
        check(`first screen: ${name} at ${where}, focus with ${key}`, below.length === 0, below);
      }
      await page.evaluate(() => scrollTo(0, 0));
      await page.getByRole("button", { name: "Invia domande" }).click();
      if (name === "minute") {
        await waitFor(page, "Parte alle");
        const held = await barOf(page);
        check(`first screen: held at ${where}`, held.isInside && held.isHit && held.hasFocus, held);
        if (viewport === upright) await isCountSeen(page, held);
        const below = await covered(page, "Tab");
        check(`first screen: held at ${where}, focus`, below.length === 0, below);
        await page.emulateMedia({ media: "print" });
        check(`first screen: held on paper at ${where}`, (await barOf(page)).position === "static" && !(await page.getByRole("button", { name: "Annulla" }).isVisible()));
      } else {
        await waitFor(page, "Arrivate 3 di 3");
        const box = await page.locator("#sending-progress ~ p").first().boundingBox();
        check(`first screen: the outcome at ${where}`, box.y >= 0 && box.y + box.height <= viewport.height, box);
      }
    }
  }
  const zoomed = await start("open", { width: 320, height: 256 });
  check("first screen: at 400 % zoom the bar stays in its place", (await barOf(zoomed)).position === "static");
}

async function signOutWarns({ site, open }) {
  const { page } = await open();
  await visit(page, site.url + pathOf("stuck"));
  await pressSend(page);
  await page.getByText(/è conservato/).first().waitFor();
  await page.getByRole("button", { name: "Esci" }).click();
  await page.getByRole("dialog").getByText(/orario di arrivo è conservato in questo browser/).waitFor();
  check("sign out: axe", (await axe(page)).length === 0, await axe(page));
  await page.getByRole("button", { name: "Resta" }).click();
}

async function cutAfterCommit({ portal, site, open }) {
  const { page } = await open();
  portal.mishaps = ["cut-after-commit", "cut-after-commit"];
  await visit(page, site.url + pathOf("open"));
  await pressSend(page);
  await waitFor(page, "Arrivate 3 di 3");
  check("cut: asked again and one receipt each", posts(portal).length >= 3 && portal.stored.size === 3, posts(portal).length);
}

async function sleeps({ portal, site, open }) {
  const { page, context } = await open();
  await visit(page, site.url + pathOf("soon"));
  await pressSend(page);
  await waitFor(page, "Parte alle");
  const cdp = await context.newCDPSession(page);
  // A page that does not run at all: its worker rings and nobody hears it.
  await cdp.send("Debugger.enable");
  await cdp.send("Debugger.pause");
  await pause(portal.openingOf("soon") - Date.now() + 3000);
  check("asleep: nothing was sent", posts(portal).length === 0);
  const wokenAt = Date.now();
  await cdp.send("Debugger.resume");
  await cdp.send("Debugger.disable");
  await waitFor(page, "Arrivate 120 di 120");
  const late = posts(portal)[0].at - wokenAt;
  console.log(`  sent ${late} ms after waking`);
  check("asleep: sent at once on waking", late < 1500, late);
}

async function interactions(page, viewport) {
  const filter = page.getByLabel("Cerca nell'elenco");
  const inp = {
    filter: await measured(page, () => filter.pressSequentially("okonkwo", { delay: 150 })),
    clear: await measured(page, () => filter.press("ControlOrMeta+A").then(() => filter.press("Delete"))),
    select: await measured(page, async () => {
      for (const n of [1, 5, 9]) await page.locator(".data-table .choice label").nth(n).click();
    }),
    none: await measured(page, () => page.getByRole("button", { name: "Deseleziona tutte" }).click()),
    all: await measured(page, () => page.getByRole("button", { name: "Scegli tutte" }).click()),
    press: await measured(page, () => pressSend(page)),
  };
  await waitFor(page, "Arrivate 900 di 900", 60_000);
  inp.page = await measured(page, () => page.getByRole("button", { name: "Pagina successiva" }).click());
  console.log(`  900 rows at ${viewport.name}, 4x CPU, longest interaction in ms: ${JSON.stringify(inp)}`);
  return inp;
}

/** Each width at most three times: on a machine that does other work too, the quickest says what the page costs. */
async function nineHundred({ portal, site, open }) {
  for (const viewport of [WIDE, VIEWPORTS.find(({ name }) => name === "390")]) {
    const best = {};
    for (let tries = 0; tries < 3 && (tries === 0 || tooSlow(best).length > 0); tries += 1) {
      portal.stored.clear();
      portal.asked.length = 0;
      const { page, context } = await open(viewport);
      await visit(page, site.url + pathOf("open"));
      await waitFor(page, "900");
      const cdp = await context.newCDPSession(page);
      await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      for (const [what, ms] of Object.entries(await interactions(page, viewport))) best[what] = Math.min(best[what] ?? ms, ms);
      check(`900 rows at ${viewport.name}: 9 requests, one receipt each`, posts(portal).length === 9 && portal.stored.size === 900, posts(portal).length);
      await context.close();
    }
    for (const [what, ms] of tooSlow(best)) check(`900 rows at ${viewport.name}: ${what}`, false, ms);
  }
}

/** From T−30 min to after the opening, in minutes that pass quickly; the last 20 seconds are real. */
async function budget({ portal, site, open }) {
  const { page } = await open();
  const opensAt = portal.openingOf("later");
  await page.clock.install({ time: Date.now() });
  await visit(page, site.url + pathOf("later"));
  await waitFor(page, "Totale domande da inviare");
  await page.clock.pauseAt(Date.now() + 1000);
  // Only the page's time and the portal's pass, and both the same.
  portal.stoppedAt = Date.now();
  while (portal.stoppedAt < opensAt - 40_000) {
    portal.stoppedAt += 5000;
    await page.clock.runFor(5000);
  }
  portal.skew = portal.stoppedAt - Date.now();
  portal.stoppedAt = null;
  await page.clock.resume();
  // The page's steps and the portal's were not quite the same: as after a sleep, the clock is asked once more.
  await page.clock.setSystemTime(portal.now() + 3000);
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await waitFor(page, "Se premi ora");
  const refreshes = portal.asked.filter(({ path }) => path === "/api/session/refresh").map(({ at }) => (at - opensAt) / 60_000);
  console.log(`  renewals, minutes before the opening: ${refreshes.map((minutes) => minutes.toFixed(1)).join(", ")} (before −10 those of ordinary use)`);
  const before = {
    refresh: refreshes.filter((minutes) => minutes >= -10).length,
    heads: portal.count("/facts/calendar.json", "HEAD"),
    list: portal.count("/api/applications/search"),
    posts: posts(portal).length,
  };
  await pressSend(page);
  await waitFor(page, "Arrivate 250 di 250", 90_000);
  const at = posts(portal).filter((one) => one.at >= opensAt).length;
  const early = posts(portal).length - at;
  const total = portal.asked.length;
  await pause(8000);
  const after = portal.asked.length - total;
  console.log(`  250 rows: before ${JSON.stringify(before)}; at the opening ${at} POSTs (${early} early ones); after ${after} requests`);
  // Twelve, and three more for the sleep that only this test has.
  check("budget: before", before.refresh === 1 && before.heads <= 15 && before.list === 6 && before.posts === 0, before);
  check("budget: at", at === 3, at);
  check("budget: after", after === 0, after);
}

async function pressThenLeave(page) {
  await pressSend(page);
  await page.getByText(/è conservato/).first().waitFor();
  await page.getByRole("button", { name: "Esci" }).click();
  await page.getByRole("dialog").waitFor();
}

async function pressOffline(page, context) {
  await context.setOffline(true);
  await pressSend(page);
}

/** Every state in every width, or those that STATES names; pictures are taken in one more. */
async function states({ portal, site }) {
  portal.notReady.add(idOf("mixed", 1));
  const shows = [
    ["far", "far", "24 ore prima dell'apertura", null],
    ["before", "before", "Potrai premere", null],
    ["minute", "minute", "Se premi ora", null],
    ["held", "minute", "tieni aperta questa pagina", pressSend],
    ["open", "open", "Totale domande da inviare: 3", null],
    ["kept", "stuck", "è conservato", pressSend],
    ["leaving", "stuck", "è conservato", pressThenLeave],
    ["half", "half", "Arrivate 2 di 4", pressSend],
    ["offline", "open", "l'invio riparte da solo appena torna la rete", pressOffline],
    ["done", "mixed", "Rifiutate: 1", pressSend],
    ["unanswered", "silent", "Non riuscite: 2", pressSend],
    ["over", "over", "è chiuso", null],
    ["empty", "empty", "Non ci sono domande da inviare", null],
    ["refused", "failing", "Il tuo profilo non può", null],
    ["many", "many", "900", null],
  ];
  const { context, page, errors, renewed } = await openRenewable(browser, site.url);
  for (const viewport of VIEWPORTS.filter(({ name }) => folder || name !== "768")) {
    for (const [name, campaign, words, act] of shows.filter(([one]) => !process.env.STATES || process.env.STATES.split(",").includes(one))) {
      portal.stored.clear();
      // So that the state of the last minute lasts as long as looking at it.
      portal.skew = name === "minute" || name === "held" ? portal.openingOf("minute") - Date.now() - 45_000 : 0;
      await renewed(viewport);
      await visit(page, site.url + pathOf(campaign));
      if (act) await act(page, context);
      await waitFor(page, words);
      await page.evaluate(() => document.fonts.ready);
      await pause(200);
      const wrong = [...(await axe(page)), ...(await sideways(page)), ...(await house(page)), ...errors];
      check(`${name} at ${viewport.name}`, wrong.length === 0, `\n    ${wrong.join("\n    ")}`);
      if (folder) {
        await page.setViewportSize({ width: viewport.width, height: viewport.height });
        await page.screenshot({ path: join(folder, `invio-${name}-${viewport.name}.png`), fullPage: name !== "many" && name !== "leaving" });
      }
    }
  }
  await context.close();
}

if (folder) mkdirSync(folder, { recursive: true });
const browser = await startBrowser();
try {
  await scenario(browser, "press", { soon: { opensIn: 20_000, rows: 120 } }, pressBeforeOpening);
  await scenario(browser, "tickets", { open: { opensIn: -60_000, rows: 3 } }, keptArrival);
  await scenario(browser, "closed-tab", { open: { opensIn: -60_000, rows: 3 } }, closedTab);
  await scenario(browser, "choice", { open: { opensIn: -60_000, rows: 3 }, later: { opensIn: 40 * 60_000, rows: 1 } }, choice);
  await scenario(browser, "early", { later: { opensIn: 40 * 60_000, rows: 3 } }, tooEarly);
  await scenario(browser, "first-screen", { minute: { opensIn: 600_000, rows: 3 }, open: { opensIn: -60_000, rows: 3 }, many: { opensIn: -60_000, rows: 900 } }, firstScreen);
  await scenario(browser, "sign-out", { stuck: { opensIn: -60_000, rows: 2, always: "503-ticket" } }, signOutWarns);
  await scenario(browser, "cut", { open: { opensIn: -60_000, rows: 3 } }, cutAfterCommit);
  await scenario(browser, "asleep", { soon: { opensIn: 15_000, rows: 120 } }, sleeps);
  await scenario(browser, "rows", { open: { opensIn: -60_000, rows: 900 } }, nineHundred);
  await scenario(browser, "budget", { later: { opensIn: 30 * 60_000, rows: 250 } }, budget);
  await scenario(
    browser, "states",
    {
      far: { opensIn: 3 * DAY, rows: 3 }, before: { opensIn: 2 * 3_600_000, rows: 3 }, minute: { opensIn: 600_000, rows: 3 },
      open: { opensIn: -60_000, rows: 3 }, stuck: { opensIn: -60_000, rows: 3, always: "503-ticket" }, mixed: { opensIn: -60_000, rows: 3 },
      half: { opensIn: -60_000, rows: 4, always: "half" }, silent: { opensIn: -60_000, rows: 2, always: "500" },
      over: { opensIn: 0, rows: 0, closed: true }, empty: { opensIn: -60_000, rows: 0 }, failing: { opensIn: -60_000, rows: "failing" },
      many: { opensIn: -60_000, rows: 900 },
    },
    states,
  );
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failures.length} failed`);
for (const failure of failures) console.log(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
