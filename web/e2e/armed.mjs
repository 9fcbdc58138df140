// Armed sends (NEW-1) in a real Chromium, against a canned portal whose decree lets people arm: arming and disarming by keyboard,
// with mishaps and in two tabs, the opening and the one look for receipts, what other pages say; and axe, house rules and sideways
// scroll in every state and width. `ONLY=keyboard,states node e2e/armed.mjs [FOLDER]` runs parts; with a folder it also writes
// screenshots. Ends with 1 when something is wrong. Needs a built site.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../tools/serve.mjs";
import { openPage, openRenewable, startBrowser, VIEWPORTS, visit } from "./browser.mjs";
import { axe, house, measured, sideways, tooSlow } from "./checks.mjs";
import { armedPathOf, idOf, pathOf, startPortal } from "./click-day-portal.mjs";

const [folder] = process.argv.slice(2);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WIDE = VIEWPORTS[0];
const only = process.env.ONLY?.split(",");
let passed = 0;
const failures = [];

function check(name, isGood, found = "") {
  if (isGood) passed += 1;
  else failures.push(`✘ ${name} ${typeof found === "string" ? found : JSON.stringify(found)}`);
}

const main = (page, words, timeout = 20_000) => page.locator("main", { hasText: words }).waitFor({ timeout });
const button = (page, name) => page.getByRole("button", { name });
const arms = (portal) => portal.asked.filter(({ path }) => path === "/api/armed-sends");
const disarms = (portal) => portal.asked.filter(({ path }) => path === "/api/armed-sends/cancellations");
const searches = (portal) => portal.asked.filter(({ path }) => path === "/api/applications/search");
const hasFocus = (page, words) => page.waitForFunction((text) => document.activeElement?.textContent.includes(text), words);

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
    const shown = await opened.at(-1)?.page.locator("main").innerText().catch(() => "");
    failures.push(`✘ ${name}: ${error}\n    it shows: ${shown?.slice(-1500).replaceAll("\n", " / ")}`);
  } finally {
    for (const { context } of opened) await context.close();
    await site.stop();
    await portal.stop();
    console.log(`${name}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

/** Goes on with Tab until the focus is on something, and presses a key there. */
async function press(page, words, key) {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press("Tab");
    const isThere = await page.evaluate((text) => {
      const on = document.activeElement;
      // Past the last control the focus is on the page itself.
      return on?.matches("input, button, a") && (on.labels?.[0]?.textContent ?? on.textContent ?? "").includes(text);
    }, words);
    if (isThere) return page.keyboard.press(key);
  }
  throw new Error(`no focus on ${words}`);
}

async function keyboard({ portal, site, open }) {
  const { page } = await open();
  await visit(page, site.url + armedPathOf("book"));
  await main(page, "La domanda partirà da sola all'apertura e risulterà arrivata in quell'istante.");
  await main(page, "prenotare prima o dopo non conta");
  // One is left out.
  await press(page, "Rossi Maria", "Space");
  await press(page, "Prenota l'invio di 2 domande", "Enter");
  await hasFocus(page, "2 domande prenotate");
  const [{ body }] = arms(portal);
  check("keyboard: what was chosen is armed, by name", body.applications.join() === [idOf("book", 1), idOf("book", 2)].join(), body);
  check("keyboard: with campaign and model, and no more", Object.keys(body).sort().join() === "applications,campaign,model", Object.keys(body));
  check("keyboard: it is said", (await page.locator("#live-polite").innerText()).includes("2 domande prenotate"));
  check("keyboard: when they leave is said", /Partono da sole \S+ \d.*: non devi fare altro/.test(await page.locator("main").innerText()));
  await press(page, "Al-Farouk", "Space");
  await press(page, "Annulla la prenotazione di 1 domanda", "Enter");
  await hasFocus(page, "1 prenotazione annullata");
  check("keyboard: one is disarmed", [...portal.armed].join() === idOf("book", 2), [...portal.armed]);
  await page.reload();
  await main(page, "Annulla");
  await button(page, "Prenota l'invio di 2 domande").waitFor();
  check("keyboard: a reload shows the same", (await page.locator("#armed-armed ~ .data-table tbody tr").count()) === 1);
}

/** What did not work at first is asked again by itself; what is armed twice is armed once. */
async function mishaps({ portal, site, open }) {
  const { page } = await open();
  portal.armMishaps = ["503", "503"];
  portal.notReady.add(idOf("many", 7));
  await visit(page, site.url + armedPathOf("many"));
  await button(page, "Prenota l'invio di 250 domande").click();
  await main(page, "249 domande prenotate");
  const sizes = arms(portal).map(({ body }) => body.applications.length);
  check("mishaps: a hundred to a request, asked again until they are taken", sizes.join() === "100,100,100,100,50", sizes);
  check("mishaps: armed once each", portal.armed.size === 249, portal.armed.size);
  await main(page, "1 non è prenotata: il motivo è accanto alla domanda.");
  const refused = page.getByRole("row", { name: new RegExp(idOf("many", 7)) });
  await refused.getByText("guarda nel riepilogo che cosa manca").waitFor();
  check("mishaps: the refused one has its reason and the way to it", await refused.getByRole("link", { name: "Apri la domanda" }).isVisible());
  await page.getByLabel("Cerca nell'elenco").fill(idOf("many", 8));
  await main(page, "1 di 249 domande");
}

async function waits({ portal, site, open }) {
  const { page, context } = await open();
  await visit(page, site.url + armedPathOf("book"));
  portal.armMishaps = ["429"];
  portal.pauseS = 6;
  await button(page, "Prenota l'invio di 3 domande").click();
  await main(page, "Puoi riprovare tra");
  check("429: the reason is said, and has the focus", (await page.locator("#live-assertive").innerText()).includes("troppe richieste"));
  check("429: nothing is armed, and nothing pressed before the time", portal.armed.size === 0 && (await button(page, "Prenota l'invio di 3 domande").isDisabled()));
  await button(page, "Riprova").waitFor();
  await context.setOffline(true);
  await button(page, "Prenota l'invio di 3 domande").click();
  await main(page, "Non riusciamo a raggiungere il portale");
  await context.setOffline(false);
  await button(page, "Riprova").click();
  await main(page, "3 domande prenotate");
  check("offline: armed when the line is back", portal.armed.size === 3);
}

async function sessionOver({ campaigns, site, open }) {
  const { page } = await open();
  await visit(page, site.url + armedPathOf("book"));
  campaigns.book.armsAlways = "401";
  await page.route("**/api/session/refresh", (route) => route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ type: "/problemi/sessione-assente", title: "Accesso necessario", status: 401, detail: "Entra con SPID o CIE e riprova.", request_id: "r" }) }));
  await button(page, "Prenota l'invio di 3 domande").click();
  await page.getByRole("dialog").getByText("La sessione è finita").waitFor();
  const href = await page.getByRole("dialog").getByRole("link", { name: "Entra di nuovo" }).getAttribute("href");
  check("session over: the sign-in leads back", decodeURIComponent(href).includes(armedPathOf("book")), href);
}

async function twoTabs({ portal, site, open }) {
  const { page, context } = await open();
  await visit(page, site.url + armedPathOf("book"));
  const other = await context.newPage();
  await visit(other, site.url + armedPathOf("book"));
  await button(page, "Prenota l'invio di 3 domande").click();
  await main(page, "3 domande prenotate");
  await button(other, "Prenota l'invio di 3 domande").click();
  await main(other, "3 domande prenotate");
  check("two tabs: armed once each", portal.armed.size === 3 && arms(portal).length === 2);
  for (const tab of [page, other]) {
    await tab.getByRole("button", { name: /^Scegli tutte.*Prenotate/ }).click();
    await button(tab, "Annulla la prenotazione di 3 domande").click();
    await main(tab, "3 prenotazioni annullate");
  }
  check("two tabs: disarmed once each", portal.armed.size === 0 && disarms(portal).length === 2);
}

/** The opening and what follows, in minutes that pass quickly: nobody asks at the opening, and once for receipts. */
async function opening({ portal, site, open }) {
  const { page } = await open();
  const opensAt = portal.openingOf("soon");
  await page.clock.install({ time: Date.now() });
  await visit(page, site.url + armedPathOf("soon"));
  await button(page, "Prenota l'invio di 1 domanda").waitFor();
  await page.getByRole("button", { name: /^Scegli tutte.*Prenotate/ }).click();
  await page.clock.pauseAt(Date.now() + 1000);
  portal.stoppedAt = Date.now();
  const passTo = async (instant, stop = async () => false) => {
    while (portal.stoppedAt < instant && !(await stop())) {
      portal.stoppedAt += 5000;
      await page.clock.runFor(5000);
    }
  };
  await passTo(opensAt + 10_000);
  await main(page, "Invio in corso");
  await main(page, "risultano arrivate");
  check("opening: nothing can be armed or disarmed any more", (await page.getByRole("checkbox").count()) === 0 && (await page.locator("main .btn-primary").count()) === 0);
  check("opening: what was not armed is on the page of sending", (await page.getByRole("link", { name: "Vai alla pagina di invio" }).getAttribute("href")) === pathOf("soon"));
  await passTo(opensAt + 110_000);
  const early = searches(portal).filter(({ at }) => at >= opensAt);
  check("opening: nobody asks for two minutes", early.length === 0, early);
  await passTo(opensAt + 8 * MINUTE, async () => (await page.getByRole("heading", { name: "Ricevute" }).count()) > 0);
  await page.getByRole("heading", { name: "Ricevute" }).waitFor();
  const asked = searches(portal).filter(({ at }) => at >= opensAt).map(({ at, body }) => `${Math.round((at - opensAt) / 1000)} s ${body.state ?? "sent"}`);
  console.log(`  looked for receipts after ${asked.join(", ")}`);
  const at = searches(portal).filter((one) => one.at >= opensAt).map((one) => one.at - opensAt);
  check("opening: asks once, between two and seven minutes later", asked.length === 2 && at.every((ms) => ms >= 2 * MINUTE - 10_000 && ms <= 7 * MINUTE + 10_000), asked);
  check("opening: receipts with the opening's arrival", (await page.getByText("RN-").count()) === 2 && (await page.locator("#armed-sent ~ .data-table").innerText()).includes(",000 (ora italiana)"));
  const total = portal.asked.length;
  await page.clock.runFor(1000);
  await page.locator("#live-polite", { hasText: "Arrivate 2 di 2" }).waitFor({ state: "attached" });
  await passTo(portal.stoppedAt + 3 * MINUTE);
  const after = portal.asked.slice(total).filter(({ path }) => path.startsWith("/api/app"));
  check("opening: and no more", after.length === 0, after);
}

async function lateReceipts({ portal, site, open }) {
  const { page } = await open();
  portal.skew = portal.openingOf("stuck") + 10 * MINUTE - Date.now();
  await visit(page, site.url + armedPathOf("stuck"));
  await main(page, "Alcune ricevute non ci sono ancora");
  await button(page, "Controlla se sono arrivate le ricevute").click();
  await page.locator("#live-polite", { hasText: "Arrivate 0 di 2" }).waitFor({ state: "attached" });
}

/** A press by hand sends the others, and the page says what it leaves out. */
async function byHand({ portal, site, open }) {
  const { page } = await open();
  await visit(page, site.url + pathOf("soon"));
  await main(page, "2 domande hanno l'invio prenotato: partono da sole e non sono in questo elenco.");
  await page.getByRole("link", { name: "Vedi o annulla gli invii prenotati" }).waitFor();
  portal.skew = portal.openingOf("soon") + 5000 - Date.now();
  const next = (await open()).page;
  await visit(next, site.url + pathOf("soon"));
  await main(next, "2 domande hanno l'invio prenotato");
  await button(next, "Invia domande").click();
  await main(next, "Arrivate 1 di 1");
  check("by hand: what is armed is not pressed", portal.armed.size === 2 && portal.stored.size === 1);
  // Another tab arms between the list and the press.
  const late = (await open()).page;
  await visit(late, site.url + pathOf("open"));
  await main(late, "Totale domande da inviare: 2");
  portal.armed.add(idOf("open", 0));
  await button(late, "Invia domande").click();
  await main(late, "Arrivate 1 di 1");
  await main(late, "Non occorre premere");
  check("by hand: what is armed meanwhile is not called refused", !(await late.locator("main").innerText()).match(/Rifiutat|Non riuscit/));
}

/** From the list with what was chosen there, from the radar, from the application; and back from none of them without a decree. */
async function ways({ portal, site, open }) {
  const { page } = await open();
  await visit(page, `${site.url}/domande/pronte`);
  await main(page, "2 pronte su 3: 2 le puoi inviare tu, 1 ha l'invio prenotato");
  await page.getByRole("link", { name: "Prenota l'invio" }).click();
  await button(page, "Prenota l'invio di 2 domande").waitFor();
  await visit(page, `${site.url}/domande?stato=to-send&modello=book%2Fc-stag-agricoltura`);
  await page.locator(".pick input").first().check();
  await button(page, "Prenota l'invio").click();
  await button(page, "Prenota l'invio di 1 domanda").click();
  await main(page, "1 domanda prenotata");
  check("ways: the one that was chosen in the list", portal.armed.size === 2);
  await visit(page, `${site.url}/domande/${idOf("book", 0)}`);
  await main(page, "L'invio è prenotato");
  await main(page, "Da inviare (invio prenotato)");
  await page.getByRole("link", { name: "Annulla invio prenotato" }).first().click();
  await button(page, "Annulla la prenotazione di 1 domanda").click();
  await main(page, "1 prenotazione annullata");
  check("ways: the one of the page is disarmed", !portal.armed.has(idOf("book", 0)));
  await visit(page, `${site.url}/domande/${idOf("book", 2)}`);
  await main(page, "L'invio si può prenotare");
  await page.locator("main .btn-primary", { hasText: "Prenota invio" }).click();
  await button(page, "Prenota l'invio di 1 domanda").click();
  await main(page, "1 domanda prenotata");
  check("ways: the ready one of the page is armed, and no other", portal.armed.has(idOf("book", 2)) && !portal.armed.has(idOf("book", 0)));
  portal.armed.add(idOf("book", 0));
  portal.skew = portal.openingOf("book") + 5000 - Date.now();
  await visit(page, `${site.url}/domande/${idOf("book", 0)}`);
  await main(page, "La domanda risulta arrivata");
}

/** Where the order is chronological, nothing of all this is there. */
async function chronological({ portal, site, open }) {
  const { page } = await open();
  for (const [path, words] of [
    [pathOf("plain"), "Potrai premere"],
    ["/domande/pronte", "3 pronte su 3"],
    ["/domande?stato=to-send&modello=plain%2Fc-stag-agricoltura", "Scegli tutte"],
    [`/domande/${idOf("plain", 0)}`, "Che cosa succede adesso"],
    ["/calendario", "Decreto Flussi 2026"],
    ["/", "Quando si inviano le domande"],
  ]) {
    await page.goto(site.url + path);
    await main(page, words);
    const text = await page.locator("main").innerText();
    check(`chronological: ${path}`, !/prenot/i.test(text), text);
  }
  check("chronological: nobody asks for what is armed", !searches(portal).some(({ body }) => body.state === "armed"));
  await visit(page, site.url + armedPathOf("plain"));
  await main(page, "non prevede l'invio prenotato");
}

/** Nine hundred are as quick as nine, on a processor four times slower. */
async function nineHundred({ site, open }) {
  for (const viewport of [WIDE, VIEWPORTS.find(({ name }) => name === "390")]) {
    const best = {};
    for (let tries = 0; tries < 3 && (tries === 0 || tooSlow(best).length > 0); tries += 1) {
      const { page, context } = await open(viewport);
      await visit(page, site.url + armedPathOf("many"));
      await button(page, "Prenota l'invio di 900 domande").waitFor();
      const cdp = await context.newCDPSession(page);
      await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      const found = {
        filter: await measured(page, () => page.getByLabel("Cerca nell'elenco").pressSequentially("okonkwo", { delay: 150 })),
        clear: await measured(page, () => page.getByLabel("Cerca nell'elenco").press("ControlOrMeta+A").then(() => page.keyboard.press("Delete"))),
        one: await measured(page, () => page.locator(".data-table .choice label").nth(3).click()),
        none: await measured(page, () => button(page, "Deseleziona tutte").click()),
        all: await measured(page, () => page.getByRole("button", { name: /^Scegli tutte/ }).click()),
        next: await measured(page, () => button(page, "Pagina successiva").click()),
      };
      for (const [what, ms] of Object.entries(found)) best[what] = Math.min(best[what] ?? ms, ms);
      await context.close();
    }
    console.log(`  900 rows at ${viewport.name}, 4x CPU, longest interaction in ms: ${JSON.stringify(best)}`);
    for (const [what, ms] of tooSlow(best)) check(`900 rows at ${viewport.name}: ${what}`, false, ms);
  }
}

/** Every state in every width, or those that STATES names; pictures are taken in one more. */
async function states({ portal, campaigns, site }) {
  const at = (name, ms) => (portal.skew = portal.openingOf(name) + ms - Date.now());
  const shows = [
    ["ready", armedPathOf("book"), "Prenota l'invio di 2 domande"],
    ["armed", armedPathOf("book"), "2 domande prenotate", (page) => button(page, "Prenota l'invio di 2 domande").click()],
    ["refused", armedPathOf("book"), "1 non è prenotata", (page) => (portal.notReady.add(idOf("book", 1)), button(page, "Prenota l'invio di 2 domande").click())],
    ["none chosen", armedPathOf("book"), "Scegli nell'elenco almeno una domanda", (page) => button(page, /^Deseleziona tutte.*Da prenotare/).click()],
    ["throttled", armedPathOf("book"), "Puoi riprovare tra", (page) => (portal.armMishaps.push("429"), button(page, "Prenota l'invio di 2 domande").click())],
    ["half", armedPathOf("book"), "Riprova con le altre", (page) => (portal.armMishaps.push(...Array(5).fill("half")), button(page, "Prenota l'invio di 2 domande").click())],
    ["offline", armedPathOf("book"), "Non riusciamo a raggiungere il portale", async (page) => { await page.context().setOffline(true); await button(page, "Prenota l'invio di 2 domande").click(); }],
    ["unanswered", armedPathOf("book"), "Il portale non ha risposto come doveva", (page) => (portal.armMishaps.push("500"), button(page, "Prenota l'invio di 2 domande").click())],
    ["disarmed", armedPathOf("book"), "1 prenotazione annullata", async (page) => { await page.locator("#armed-armed ~ .data-table .choice label").click(); await button(page, "Annulla la prenotazione di 1 domanda").click(); }],
    ["nothing", armedPathOf("empty"), "Non ci sono altre domande da prenotare"],
    ["failing", armedPathOf("failing"), "Il tuo profilo non può"],
    ["under way", armedPathOf("book"), "risultano arrivate", () => {}, () => at("book", 5000)],
    ["receipts", armedPathOf("book"), "Ricevute", () => {}, () => at("book", 10 * MINUTE)],
    ["late", armedPathOf("stuck"), "Alcune ricevute non ci sono ancora", () => {}, () => at("stuck", 10 * MINUTE)],
    ["over", armedPathOf("over"), "non prevede un'altra apertura"],
    ["unlike", armedPathOf("plain"), "non prevede l'invio prenotato"],
    ["long", armedPathOf("long"), "Prenota l'invio di 60 domande"],
    ["radar", "/domande/pronte", "L'invio si può prenotare"],
    ["list", "/domande?stato=to-send&modello=book%2Fc-stag-agricoltura", "Prenota l'invio"],
    ["sending", pathOf("book"), "1 domanda ha l'invio prenotato"],
    ["application ready", `/domande/${idOf("book", 2)}`, "L'invio si può prenotare"],
    ["application armed", `/domande/${idOf("book", 0)}`, "L'invio è prenotato"],
    ["application under way", `/domande/${idOf("book", 0)}`, "La domanda risulta arrivata", () => {}, () => at("book", 5000)],
    ["calendar", "/calendario", "Prenotare prima o dopo non conta"],
  ];
  const { context, page, errors, renewed } = await openRenewable(browser, site.url);
  for (const viewport of VIEWPORTS.filter(({ name }) => folder || name !== "768")) {
    for (const [name, path, words, act, before] of shows.filter(([one]) => !process.env.STATES || process.env.STATES.split(",").includes(one))) {
      portal.stored.clear();
      portal.notReady.clear();
      portal.armMishaps.length = 0;
      portal.armed.clear();
      for (const campaign of Object.keys(campaigns)) for (let n = 0; n < (campaigns[campaign].armed ?? 0); n += 1) portal.armed.add(idOf(campaign, n));
      portal.skew = 0;
      before?.();
      try {
        await renewed(viewport);
        await visit(page, site.url + path);
        await act?.(page);
        await main(page, words);
        await page.locator("[aria-busy]").first().waitFor({ state: "detached" });
        const wrong = [...(await axe(page)), ...(await sideways(page)), ...(await house(page)), ...errors];
        check(`${name} at ${viewport.name}`, wrong.length === 0, `\n    ${wrong.join("\n    ")}`);
        if (folder) await page.screenshot({ path: join(folder, `prenotato-${name.replaceAll(" ", "-")}-${viewport.name}.png`), fullPage: true });
      } catch (error) {
        const text = await page.locator("main").innerText().catch(() => "");
        check(`${name} at ${viewport.name}`, false, `${String(error).split("\n")[0]}; it shows: ${text.slice(0, 400).replaceAll("\n", " / ")}`);
      }
    }
  }
  await context.close();
}

if (folder) mkdirSync(folder, { recursive: true });
const order = "armed";
const browser = await startBrowser();
try {
  await scenario(browser, "keyboard", { book: { order, opensIn: 48 * HOUR, rows: 3 } }, keyboard);
  await scenario(browser, "mishaps", { many: { order, opensIn: 48 * HOUR, rows: 250 } }, mishaps);
  await scenario(browser, "waits", { book: { order, opensIn: 48 * HOUR, rows: 3 } }, waits);
  await scenario(browser, "session", { book: { order, opensIn: 48 * HOUR, rows: 3 } }, sessionOver);
  await scenario(browser, "two-tabs", { book: { order, opensIn: 48 * HOUR, rows: 3 } }, twoTabs);
  await scenario(browser, "opening", { soon: { order, opensIn: 2 * MINUTE, rows: 3, armed: 2 } }, opening);
  await scenario(browser, "late", { stuck: { order, opensIn: 2 * HOUR, rows: 2, armed: 2, stuck: true } }, lateReceipts);
  await scenario(browser, "by-hand", { soon: { order, opensIn: 2 * HOUR, rows: 3, armed: 2 }, open: { order, opensIn: -MINUTE, rows: 2, stuck: true } }, byHand);
  await scenario(browser, "ways", { book: { order, opensIn: 48 * HOUR, rows: 3, armed: 1 } }, ways);
  await scenario(browser, "chronological", { plain: { opensIn: 2 * HOUR, rows: 3 } }, chronological);
  await scenario(browser, "rows", { many: { order, opensIn: 48 * HOUR, rows: 900 } }, nineHundred);
  await scenario(
    browser, "states",
    {
      book: { order, opensIn: 2 * HOUR, rows: 3, armed: 1 }, empty: { order, opensIn: 48 * HOUR, rows: 0 }, failing: { order, opensIn: 48 * HOUR, rows: "failing" },
      stuck: { order, opensIn: 48 * HOUR, rows: 2, armed: 2, stuck: true }, over: { order, opensIn: 0, rows: 1, armed: 1, closed: true },
      plain: { opensIn: 48 * HOUR, rows: 1 }, long: { order, opensIn: 48 * HOUR, rows: 60 },
    },
    states,
  );
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failures.length} failed`);
for (const failure of failures) console.log(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
