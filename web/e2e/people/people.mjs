// What the journeys share: the deployed local portal (PORTAL or PORTAL_URL is its address, EDGE_PORT the port of its edge), a person with a
// browser of a width, signing in by the simulated identity provider, the mailboxes, a new application. At 1280 people work by
// keyboard alone, at 390 with a finger.

import { serve } from "../../tools/serve.mjs";
import { openPage, startBrowser, VIEWPORTS } from "../browser.mjs";
import { axe, house, sideways } from "../checks.mjs";
import { keyboard, pointer } from "./hands.mjs";

const portal = process.env.PORTAL ?? process.env.PORTAL_URL;
if (!portal) {
  console.error("PORTAL, the portal's address, is needed, as `cargo xtask up` prints it.");
  process.exit(2);
}

export const PORTAL = portal.replace(/\/$/, "");
const SIMULATORS = `http://localhost:${process.env.EDGE_PORT || new URL(PORTAL).port}`;
/** The decree whose windows never close. */
export const CAMPAIGN = process.env.CAMPAIGN ?? "demo";
/** Which widths; all at which people work unless some are named. */
const WIDTHS = process.env.WIDTHS?.split(",");
/** The pages of this checkout's `dist` in the place of the deployed ones, for trying what is not deployed yet. */
const OWN_PAGES = process.env.OWN_PAGES !== undefined;
/** Chromium takes such pages for the Internet's and would keep them from the bucket on this machine. */
const LOOPBACK = ["--disable-features=LocalNetworkAccessChecks"];

/** Waits until it holds; gives what it found. */
export async function until(what, holds, patience = 30_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Runs a journey for each width at which people work. */
export async function journey(name, run, { widths = ["1280", "390"] } = {}) {
  const browser = await startBrowser(OWN_PAGES ? LOOPBACK : []);
  const own = OWN_PAGES ? await serve({ portal: PORTAL }) : null;
  // The deployed policy knows where files are put.
  const policy = own ? { "content-security-policy": (await fetch(`${PORTAL}/area`)).headers.get("content-security-policy") } : {};
  const failures = [];
  try {
    for (const viewport of VIEWPORTS.filter(({ name: width }) => (WIDTHS ?? widths).includes(width))) {
      const startedAt = performance.now();
      const opened = [];
      const times = [];
      const wrong = [];
      /** A browser that was never here, on a device of its own, which may be of another width. */
      const device = async (width = viewport.name) => {
        const screen = VIEWPORTS.find(({ name }) => name === width);
        const { context, page, errors } = await openPage(browser, screen, { reducedMotion: "reduce" });
        if (own) await context.route((url) => url.origin === PORTAL && !/^\/(api|facts|identity|posta)(\/|$)/.test(url.pathname), async (route) => {
          const { pathname, search } = new URL(route.request().url());
          try {
            const response = await route.fetch({ url: own.url + pathname + search });
            // What a redirect leads to comes from the portal, and so must the parts that it names.
            if (response.status() === 200) await route.fulfill({ response, headers: { ...response.headers(), ...policy } });
            else await route.continue();
          } catch {
            // The page was left meanwhile.
          }
        });
        opened.push({ context, page, errors });
        return at(page, context, width);
      };
      /** Somebody in front of a page. */
      const at = (page, context, width) => ({
        page,
        context,
        width,
        hands: width === "390" ? pointer() : keyboard(page),
        /** Axe, house rules and sideways scroll, in this state. */
        look: async (where) => {
          await page.locator("main [aria-busy]").first().waitFor({ state: "detached" });
          for (const one of [...(await axe(page)), ...(await sideways(page)), ...(await house(page))]) wrong.push(`${where}: ${one}`);
        },
        /** Says how long it took to get here. */
        reached: (where) => times.push(`${where} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`),
        device,
        /** Another tab of the same browser. */
        tab: async () => at(await context.newPage(), context, width),
      });
      try {
        await run(await device());
        times.push(`whole ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      } catch (error) {
        const pages = opened.flatMap(({ context }) => context.pages());
        wrong.push(`${pages.map((page) => page.url()).join(" and ")}: ${String(error).split("\n").slice(0, 6).join(" ")}`);
        if (process.env.SHOTS) {
          for (const [place, page] of pages.entries()) {
            await page.screenshot({ path: `${process.env.SHOTS}/${name.replace(/\W+/g, "-")}-${viewport.name}-${place}.png`, fullPage: true }).catch(() => undefined);
          }
        }
      }
      failures.push(...[...wrong, ...opened.flatMap(({ errors }) => errors)].map((one) => `${name} at ${viewport.name}: ${one}`));
      console.log(`${name} at ${viewport.name}: ${times.join(", ")}`);
      for (const { context } of opened) await context.close();
    }
  } finally {
    await browser.close();
    await own?.stop();
  }
  for (const failure of failures) console.log(`✘ ${failure}`);
  console.log(`${name}: ${failures.length === 0 ? "as it should be" : `${failures.length} wrong`}`);
  if (failures.length > 0) process.exitCode = 1;
}

/** The answer that a field is saved: asked for before it is typed, since «Salvato alle» may stand there from before. */
export function fieldSaved(page, field) {
  return page.waitForResponse((answer) => {
    const request = answer.request();
    return request.method() === "PATCH" && answer.ok() && (request.postData() ?? "").includes(`"${field}"`);
  });
}

/** From the home page to the identity provider's. */
export async function toProvider({ page, hands }) {
  await page.goto(`${PORTAL}/`);
  await page.locator("html[data-ready]").waitFor({ state: "attached" });
  await hands.press(page.getByRole("link", { name: "Accedi", exact: true }));
  await hands.press(page.getByRole("link", { name: "Entra con SPID" }));
  await page.waitForURL(`${SIMULATORS}/identity/**`);
}

/** Says at the provider who one is: a person of the page's list by name, or anybody of the population. */
export async function atProvider({ page, hands }, who, level = "2") {
  if (typeof who === "string") {
    await hands.choose(page.locator(`input[name=person][value=${who}]`));
  } else {
    await hands.choose(page.locator("input[name=person][value=other]"));
    await hands.press(page.getByText("Dati dell'altra persona"));
    const field = (name) => page.locator(`input[name=${name}]`);
    await hands.type(field("fiscal_code"), who.code);
    await hands.type(field("given_name"), who.name);
    await hands.type(field("family_name"), who.surname);
    await hands.type(field("email"), who.email);
    await hands.typeDay(field("birthdate"), who.born);
  }
  await hands.choose(page.locator(`input[name=level][value="${level}"]`));
  const back = page.waitForResponse((response) => response.url().startsWith(`${PORTAL}/api/sign-in/callback`));
  await hands.press(page.getByRole("button", { name: "Accedi" }));
  const target = (await back).headers()["location"];
  await page.waitForURL((url) => url.origin === PORTAL && !url.pathname.startsWith("/api/"));
  // What a redirect leads to are the deployed pages.
  if (OWN_PAGES) await page.goto(new URL(target, PORTAL).href);
}

/** Signs in: `employer`, `private`, `operator`, `officer-foggia` …, or somebody of the population. */
export async function signIn(me, who, level) {
  await toProvider(me);
  await atProvider(me, who, level);
}

/** The letters in the mailboxes to an address, newest first. */
export async function letters(context, address) {
  const mail = await context.newPage();
  try {
    await mail.goto(`${SIMULATORS}/posta`);
    return (await mail.locator("article", { hasText: `A: ${address}` }).allInnerTexts()).map((text) => text.trim());
  } finally {
    await mail.close();
  }
}

/** The newest activation code in the mailbox that is not among `before`. */
export function activationCode(context, address, before = []) {
  return until(`a code for ${address}`, async () => {
    const codes = (await letters(context, address)).flatMap((text) => text.match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/g) ?? []);
    return codes.find((code) => !before.includes(code));
  }, 60_000);
}

const quietly = async () => undefined;

/** From the area to the summary of a new application of the model, for a company or, without one, for the own home. */
export async function toSummary({ page, hands }, { model = "c-stag-agricoltura", company, applicant, look = quietly }) {
  await hands.press(page.getByRole("link", { name: /Compila/ }).first());
  await hands.choose(page.locator(`input[type=radio][value="${CAMPAIGN}/${model}"]`));
  await look("model");
  await hands.press(page.getByRole("button", { name: "Continua" }));
  await hands.choose(page.getByLabel("Ho letto l'informativa"));
  await look("privacy notice");
  await hands.press(page.getByRole("button", { name: "Continua" }));
  await page.getByRole("heading", { name: /Verifiche preliminari/ }).waitFor();
  if (model === "a-bis") await hands.choose(page.getByRole("radio", { name: company ? "una persona giuridica" : "una persona fisica" }));
  if (company) {
    await hands.choose(page.getByRole("radio", { name: "Sì" }));
    if (applicant) await hands.type(page.getByLabel("Codice fiscale del rappresentante legale"), applicant);
    await hands.type(page.getByLabel("Codice fiscale dell'impresa"), company);
  }
  await look("checks");
  await hands.press(page.getByRole("button", { name: "Continua" }));
  await page.getByRole("heading", { name: "Controlla e avvia" }).waitFor();
  await look("summary");
}

/** The same, and then to the page of the code; gives the application's id. */
export async function toCode(me, options) {
  const { page, hands } = me;
  await toSummary(me, options);
  await hands.press(page.getByRole("button", { name: "Verifica utenza e invia PEC" }));
  await page.getByRole("heading", { name: "La domanda è iniziata" }).waitFor();
  await options.look?.("created");
  await hands.press(page.getByRole("link", { name: "Verifica codice" }));
  await page.waitForURL(/\/codice$/);
  return /\/domande\/([^/]+)/.exec(new URL(page.url()).pathname)[1];
}

/** Types a code of the PEC on its page. */
export async function giveCode({ page, hands }, code) {
  await hands.type(page.getByLabel("Codice di attivazione"), code);
  await hands.press(page.getByRole("button", { name: "Verifica codice" }));
}

/** All the way to the open form; `pec` is where the code goes. */
export async function newApplication(me, { pec, ...options }) {
  const id = await toCode(me, options);
  await giveCode(me, await activationCode(me.context, pec));
  await me.page.locator(".task-list").waitFor();
  return id;
}

/** Opens a section of the form from the list of sections. */
export async function openSection({ page, hands }, title) {
  await hands.press(page.locator(".task-list").getByRole("link", { name: title, exact: true }));
  await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
  await page.locator("main form .field").first().waitFor();
}
