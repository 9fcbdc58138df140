// Accounts by e-mail, with canned answers: the pages that letters lead to and those around them, in each of their states (axe,
// sideways scroll, house rules, console), and the whole way of a person: register, activate, sign in, forget the password, choose
// another one. `node e2e/account.mjs [words of a state's name]`; ends with 1 when something is wrong. Needs a built site.

import { fileURLToPath } from "node:url";
import { serve } from "../tools/serve.mjs";
import { atEach, LOADS, openPage, openRenewable, startBrowser, VIEWPORTS, visit } from "./browser.mjs";
import { axe, house, sideways } from "./checks.mjs";
import * as data from "./canned/data.mjs";
import { startCanned } from "./canned/server.mjs";
import { show } from "./private.mjs";

const NOBODY = { "GET /api/session": data.refusals.noSession, "POST /api/session/refresh": data.refusals.noSession };
/** As `LetterSecrets::token` writes one: 32 bytes in base64url. */
const tokenOf = (letter) => letter.repeat(43);
const LINK = `#${tokenOf("a")}`;
const ACTIVATION = `/utenza/attivazione${LINK}`;
const PASSWORD = `/utenza/nuova-password${LINK}`;
const CONFIRM = `/utenza/conferma-email${LINK}`;
const PASSPHRASE = "ombrello 7 lanterna";
const CODE = "7K3D-9XQ2";

const press = (name) => (page) => page.getByRole("button", { name }).click();
const nobody = (answers = {}) => ({ ...NOBODY, ...answers });

async function fillIn(page, changes = {}) {
  const typed = { Nome: "Anna", Cognome: "Gallo", Giorno: "1", Mese: "maggio", Anno: "1990", "Indirizzo e-mail": "anna.gallo@example.it", "Ripeti l'indirizzo e-mail": "anna.gallo@example.it", Password: PASSPHRASE, "Ripeti la password": PASSPHRASE, ...changes };
  for (const [label, value] of Object.entries(typed)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel("Ho letto l'informativa").check();
}

async function register(page) {
  await fillIn(page);
  await press("Invia la registrazione")(page);
}

async function activate(page) {
  await page.getByLabel("Codice di verifica").fill(CODE);
  await press("Attiva l'utenza")(page);
}

async function choose(page) {
  await page.getByLabel("Nuova password").fill(PASSPHRASE);
  await page.getByLabel("Ripeti la password").fill(PASSPHRASE);
  await press("Cambia la password")(page);
}

async function recover(page) {
  await page.getByLabel("Indirizzo e-mail", { exact: true }).fill("anna.gallo@example.it");
  await press("Invia il collegamento")(page);
}

async function signIn(page, password = PASSPHRASE) {
  await page.getByLabel("Indirizzo e-mail", { exact: true }).fill("anna.gallo@example.it");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await press("Entra con e-mail e password")(page);
}

/** [name, path, what stands there, answers, more], as in private.mjs. */
export const ACCOUNT_STATES = [
  ["sign-in by e-mail", "/accesso?modo=email", "Password dimenticata", nobody()],
  ["sign-in by e-mail, empty", "/accesso?modo=email", "Scrivi il tuo indirizzo", nobody(), { act: press("Entra con e-mail") }],
  ["sign-in by e-mail, wrong", "/accesso?modo=email", "non sono corretti", nobody({ "POST /api/sign-in/password": data.refusals.wrongPassword }), { act: (page) => signIn(page) }],
  ["sign-in by e-mail, human check refused", "/accesso?modo=email", "Ricevi un codice", nobody({ "POST /api/sign-in/password": data.refusals.needsHumanCheck }), { act: (page) => signIn(page) }],
  ["sign-in after signing out everywhere", "/accesso?uscita=ovunque", "Uscita da tutti", nobody()],
  ["registration", "/utenza/registrazione", "Invia la registrazione", nobody()],
  ["registration, the notice opened", "/utenza/registrazione", "Chi tratta i tuoi dati", nobody(), { act: (page) => page.getByText("Leggi l'informativa").click() }],
  ["registration, empty", "/utenza/registrazione", "Scrivi il tuo nome", nobody(), { act: press("Invia la registrazione") }],
  ["registration, password too common", "/utenza/registrazione", "troppo comune", nobody({ "POST /api/accounts": data.refusals.commonPassword }), { act: register }],
  ["registration, another notice", "/utenza/registrazione", "leggi la versione nuova", nobody({ "POST /api/accounts": data.refusals.otherNotice }), { act: register }],
  ["registration, human check over", "/utenza/registrazione", "Ricevi un codice", nobody({ "POST /api/accounts": data.refusals.humanCheckOver }), { act: register }],
  ["registration, human check without a solution", "/utenza/registrazione", "non è riuscita in questo browser", nobody({ "GET /api/human-check": () => ({ ...data.humanCheck(), maxnumber: 100 }) }), { act: register }],
  ["registration, line cut", "/utenza/registrazione", "Qualcosa non ha funzionato", nobody({ "POST /api/accounts": "cut" }), { act: register }],
  ["registration sent", "/utenza/registrazione", "inviata con successo", nobody(), { act: register }],
  ["registration sent, another letter", "/utenza/registrazione", "Nuovo messaggio richiesto", nobody(), { act: async (page) => { await register(page); await press("Richiedi un nuovo messaggio")(page); } }],
  ["registration waiting", "/utenza/registrazione", "aspetta di essere attivata", nobody(), { kept: { name: "portal-registration", value: JSON.stringify({ registration: "reg_1", expires: "2999-01-01T00:00:00Z" }) } }],
  ["activation", ACTIVATION, "Codice di verifica", nobody()],
  ["activation, empty", ACTIVATION, "Scrivi il codice", nobody(), { act: press("Attiva l'utenza") }],
  ["activation, wrong code", ACTIVATION, "Hai ancora 4 tentativi", nobody({ "POST /api/accounts/activation": data.refusals.wrongLetterCode }), { act: activate }],
  ["activation, codes spent", ACTIVATION, "Troppi codici errati", nobody({ "POST /api/accounts/activation": data.refusals.spentCode }), { act: activate }],
  ["activation, link not good", ACTIVATION, "è già stato usato", nobody({ "POST /api/accounts/activation": data.refusals.linkNotGood }), { act: activate }],
  ["activation, address taken", ACTIVATION, "esiste già un'utenza attiva", nobody({ "POST /api/accounts/activation": data.refusals.addressTaken }), { act: activate }],
  ["activation without a link", "/utenza/attivazione", "Apri il collegamento del messaggio", nobody()],
  ["activation with half a link", "/utenza/attivazione#abc", "Il collegamento è incompleto", nobody()],
  ["activated", ACTIVATION, "L'utenza è attiva", nobody(), { act: activate }],
  ["recovery", "/utenza/recupero", "Invia il collegamento", nobody()],
  ["recovery, wrong address", "/utenza/recupero", "chiocciola", nobody(), { act: async (page) => { await page.getByLabel("Indirizzo e-mail", { exact: true }).fill("anna"); await press("Invia il collegamento")(page); } }],
  ["recovery, code by e-mail", "/utenza/recupero", "Vale 30 minuti", nobody(), { act: async (page) => { await page.getByLabel("Indirizzo e-mail", { exact: true }).fill("anna.gallo@example.it"); await page.getByText("La verifica automatica non riesce?").click(); await press("Ricevi un codice")(page); } }],
  ["recovery, too many letters", "/utenza/recupero", "tre messaggi", nobody({ "POST /api/account/recovery": data.refusals.tooManyLetters }), { act: recover }],
  ["recovery sent", "/utenza/recupero", "Vale un'ora", nobody(), { act: recover }],
  ["new password", PASSWORD, "Cambia la password", nobody()],
  ["new password, all wrong", PASSWORD, "almeno 8 caratteri", nobody(), { act: async (page) => { await page.getByLabel("Nuova password").fill("corta"); await page.getByLabel("Ripeti la password").fill("altra"); await page.getByLabel("Mostra la password").check(); await press("Cambia la password")(page); } }],
  ["new password, link not good", PASSWORD, "vale un'ora, una volta sola", nobody({ "POST /api/account/recovery/password": data.refusals.linkNotGood }), { act: choose }],
  ["new password, somebody signed in", PASSWORD, "Chiara Esposito", {}, { hint: true }],
  ["new password without a link", "/utenza/nuova-password", "Chiedi un nuovo collegamento", nobody()],
  ["password changed", PASSWORD, "La password è cambiata", nobody(), { act: choose }],
  ["confirm address", CONFIRM, "Conferma l'indirizzo", nobody()],
  ["confirm address, link not good", CONFIRM, "vale 24 ore", nobody({ "POST /api/account/email-confirmation": data.refusals.linkNotGood }), { act: press("Conferma l'indirizzo") }],
  ["confirm address without a link", "/utenza/conferma-email", "Apri il collegamento del messaggio", nobody()],
  ["address confirmed", CONFIRM, "e-mail è confermato", nobody(), { act: press("Conferma l'indirizzo") }],
];

/** Opens a state; `hint` says that somebody has signed in on this browser before. */
export async function showAccount(page, url, canned, state) {
  if (state[4]?.hint) {
    // On a page of the same origin, and not by a script of every page that follows: the next states have no hint.
    await page.goto(`${url}/robots.txt`);
    await page.evaluate(() => localStorage.setItem("portal-signed-in", "1"));
  }
  await show(page, url, canned, state);
}

let passed = 0;
let failed = 0;

function tell(name, wrong) {
  if (wrong.length === 0) {
    passed += 1;
    return;
  }
  failed += 1;
  console.log(`✘ ${name}\n    ${wrong.join("\n    ")}`);
}

const unless = (isSo, words) => (isSo ? [] : [words]);

/** Where the token of a letter must not be: in the address, in what outlives the tab, in what is sent but the one body. */
async function leaks(page, canned, token, from = 0) {
  const { address, local, history } = await page.evaluate(() => ({ address: location.href, local: JSON.stringify(localStorage), history: JSON.stringify(globalThis.history.state) }));
  const sent = canned.asked.slice(from).filter(({ path, headers }) => path.includes(token) || JSON.stringify(headers).includes(token));
  return [
    ...unless(!address.includes(token), "the token stands in the address bar"),
    ...unless(!local.includes(token) && !history?.includes(token), "the token is kept for longer than the tab"),
    ...unless(sent.length === 0, `the token travels with ${sent.map(({ path }) => path).join()}`),
  ];
}

/** A portal that knows one person: what is registered is activated by its letter, and the password is the last one chosen. */
function portal(canned) {
  const known = { registered: null, account: null, password: null, isIn: false, token: null, letters: 0 };
  const letter = () => {
    known.letters += 1;
    known.token = tokenOf("bcdefgh"[known.letters]);
  };
  const take = (token) => {
    const isGood = token === known.token;
    if (isGood) known.token = null;
    return isGood;
  };
  canned.use({
    "GET /api/session": () => (known.isIn ? data.sessions.password() : data.refusals.noSession),
    "POST /api/session/refresh": () => (known.isIn ? { expires: new Date(Date.now() + 600_000).toISOString() } : data.refusals.noSession),
    "POST /api/session/sign-out": () => {
      known.isIn = false;
      return { status: 204 };
    },
    "POST /api/accounts": (_, { body }) => {
      if (!data.isSolved(body.human_check)) return data.refusals.humanCheckOver;
      known.registered = body;
      letter();
      return { status: 202, body: data.told.registered() };
    },
    "POST /api/accounts/activation": (_, { body }) => {
      if (body.token !== known.token) return data.refusals.linkNotGood;
      if (body.code !== CODE.replace("-", "") && body.code !== CODE) return data.refusals.wrongLetterCode;
      take(body.token);
      known.account = known.registered.email;
      known.password = known.registered.password;
      return data.told.activated;
    },
    "POST /api/sign-in/password": (_, { body }) => {
      if (body.email !== known.account || body.password !== known.password) return data.refusals.wrongPassword;
      known.isIn = true;
      return { level: 1, expires: new Date(Date.now() + 600_000).toISOString() };
    },
    "POST /api/account/recovery": (_, { body }) => {
      if (!data.isSolved(body.human_check)) return data.refusals.humanCheckOver;
      letter();
      return { status: 202, body: data.told.recovery };
    },
    "POST /api/account/recovery/password": (_, { body }) => {
      if (!take(body.token)) return data.refusals.linkNotGood;
      known.password = body.password;
      known.isIn = false;
      return data.told.passwordChanged;
    },
  });
  return known;
}

const hasFocus = (page, words) => page.waitForFunction((text) => document.activeElement?.textContent.includes(text), words);

/** Goes on with Tab until the focus is on a control, as who has no mouse does. */
async function tabTo(page, name) {
  for (let n = 0; n < 60; n += 1) {
    await page.keyboard.press("Tab");
    const label = await page.evaluate(() => {
      const focused = document.activeElement;
      return [focused?.labels?.[0]?.textContent, focused?.textContent].filter(Boolean).join(" ");
    });
    if (label.includes(name)) return;
  }
  throw new Error(`Tab does not reach «${name}»`);
}

async function main() {
  const wanted = process.argv.slice(2).join(" ");
  const canned = await startCanned();
  const site = await serve({ facts: fileURLToPath(new URL("facts", import.meta.url)), portal: canned.url });
  const browser = await startBrowser();
  try {
    const { context, page, errors, renewed } = await openRenewable(browser, site.url);
    for (const widths of LOADS) {
      for (const state of ACCOUNT_STATES.filter(([name]) => name.includes(wanted))) {
        try {
          await renewed(widths[0]);
          await showAccount(page, site.url, canned, state);
          await atEach(page, widths, async (width) => tell(`${state[0]} at ${width}`, [...(await axe(page)), ...(await sideways(page)), ...(await house(page)), ...errors]));
        } catch (error) {
          const shown = await page.locator("main").innerText().catch(() => "");
          tell(`${state[0]} at ${widths[0].name}`, [String(error).split("\n").slice(0, 2).join(" "), `it shows: ${shown.slice(0, 400).replaceAll("\n", " / ")}`, ...errors]);
        }
      }
    }
    await context.close();
    if (!wanted || wanted === "behaviour") await behaviour(browser, site.url, canned);
  } finally {
    await browser.close();
    await site.stop();
    await canned.stop();
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

async function behaviour(browser, url, canned) {
  const scenario = async (name, run, viewport = VIEWPORTS[2]) => {
    const { context, page, errors } = await openPage(browser, viewport);
    canned.use(nobody());
    try {
      tell(name, [...((await run(page, context)) ?? []), ...errors]);
    } catch (error) {
      const shown = await page.locator("main").innerText().catch(() => "");
      tell(name, [String(error).split("\n").slice(0, 3).join(" "), `it shows: ${shown.slice(0, 400).replaceAll("\n", " / ")}`]);
    }
    await context.close();
  };

  for (const viewport of [VIEWPORTS[0], VIEWPORTS[2]]) {
    await scenario(
      `a person registers, activates, signs in, forgets the password and chooses another one, at ${viewport.name}`,
      async (page, context) => {
        const known = portal(canned);
        await visit(page, `${url}/accesso`);
        await page.getByText("Hai solo un'utenza con e-mail").click();
        await page.getByRole("link", { name: "Registrati" }).click();
        await register(page);
        await hasFocus(page, "inviata con successo");
        const named = known.registered;
        const wrong = [
          ...unless(named.birth_date === "1990-05-01" && named.consent === true && named.campaign === "demo" && named.privacy_version === "2025-10-23", `registered ${JSON.stringify({ ...named, password: "" })}`),
        ];
        // The letter opens another tab, as mail programs do.
        const letter = await context.newPage();
        const first = known.token;
        await visit(letter, `${url}/utenza/attivazione#${first}`);
        await letter.getByLabel("Codice di verifica").waitFor();
        wrong.push(...(await leaks(letter, canned, first)));
        // A reload keeps the link, of which nothing stands in the address any more.
        await letter.reload();
        await letter.getByLabel("Codice di verifica").fill("2222-2222");
        await press("Attiva l'utenza")(letter);
        await letter.getByRole("link", { name: /Controllalo e riprova/ }).waitFor();
        await hasFocus(letter, "Controllalo e riprova");
        await activate(letter);
        await hasFocus(letter, "L'utenza è attiva");
        wrong.push(...(await leaks(letter, canned, first)));
        await letter.reload();
        await letter.getByText("Apri il collegamento del messaggio").waitFor();
        await visit(letter, `${url}/utenza/attivazione#${first}`);
        await activate(letter);
        await letter.getByText("è già stato usato").first().waitFor();
        await letter.getByRole("link", { name: "Accedi con e-mail e password" }).click();
        await signIn(letter);
        await letter.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
        await letter.getByText("puoi leggere le tue domande, senza i nomi").waitFor();
        await letter.getByRole("button", { name: "Esci", exact: true }).click();
        await letter.waitForURL(`${url}/`);

        await visit(letter, `${url}/accesso?modo=email`);
        await signIn(letter, "un'altra 9 cosa");
        await letter.getByText("non sono corretti").waitFor();
        await letter.getByRole("link", { name: "Password dimenticata" }).click();
        await letter.getByRole("heading", { name: "Password dimenticata" }).waitFor();
        await recover(letter);
        await hasFocus(letter, "Vale un'ora");
        const second = known.token;
        const from = canned.asked.length;
        await visit(letter, `${url}/utenza/nuova-password#${second}`);
        await letter.getByLabel("Nuova password").fill("girasole 4 tenda");
        await letter.getByLabel("Ripeti la password").fill("girasole 4 tenda");
        await press("Cambia la password")(letter);
        await hasFocus(letter, "La password è cambiata");
        wrong.push(...(await leaks(letter, canned, second, from)));
        await letter.getByRole("link", { name: "Accedi con e-mail e password" }).click();
        await signIn(letter, "girasole 4 tenda");
        await letter.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
        const kept = await letter.evaluate(() => JSON.stringify([sessionStorage, localStorage]));
        wrong.push(...unless(!kept.includes(second) && !kept.includes("girasole"), `kept: ${kept}`));
        return wrong;
      },
      viewport,
    );
  }
  await scenario(
    "a new password is chosen by keyboard alone",
    async (page) => {
      await visit(page, url + PASSWORD);
      await tabTo(page, "Nuova password");
      await page.keyboard.type(PASSPHRASE);
      await tabTo(page, "Ripeti la password");
      await page.keyboard.type("altro");
      await page.keyboard.press("Enter");
      await hasFocus(page, "non coincidono");
      await tabTo(page, "non coincidono");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement?.id === "password_repeated");
      await page.keyboard.press("Control+A");
      await page.keyboard.type(PASSPHRASE);
      await page.keyboard.press("Enter");
      await hasFocus(page, "La password è cambiata");
    },
    VIEWPORTS[0],
  );
  await scenario("the session of somebody else on the same browser is named, and can be left without losing the link", async (page) => {
    let isIn = true;
    canned.use({
      "GET /api/session": () => (isIn ? data.sessions.employer() : data.refusals.noSession),
      "POST /api/session/refresh": () => (isIn ? { expires: new Date(Date.now() + 600_000).toISOString() } : data.refusals.noSession),
      "POST /api/session/sign-out": () => {
        isIn = false;
        return { status: 204 };
      },
    });
    await visit(page, `${url}/area`);
    await page.getByRole("heading", { name: "Da fare adesso" }).waitFor();
    await visit(page, url + PASSWORD);
    await page.locator("main").getByText("Chiara Esposito").waitFor();
    await press("Esci e resta")(page);
    await page.locator("header.site-header").getByRole("link", { name: "Accedi" }).waitFor();
    await page.getByLabel("Nuova password").waitFor();
    const others = await page.evaluate(() => localStorage.length);
    await choose(page);
    await hasFocus(page, "La password è cambiata");
    const token = canned.asked.find(({ path }) => path === "/api/account/recovery/password")?.body.token;
    return [...unless(others === 0, "the other's things are still there"), ...unless(token === tokenOf("a"), `sent ${token}`)];
  });
  await scenario("the own session that a new password ends is over here, too, without a question", async (page) => {
    let isIn = true;
    canned.use({
      "GET /api/session": () => (isIn ? data.sessions.password() : data.refusals.noSession),
      "POST /api/session/refresh": () => (isIn ? { expires: new Date(Date.now() + 600_000).toISOString() } : data.refusals.noSession),
      "POST /api/account/recovery/password": () => {
        isIn = false;
        return data.told.passwordChanged;
      },
    });
    await visit(page, `${url}/area`);
    await page.getByRole("heading", { name: "Da fare adesso" }).waitFor();
    await visit(page, url + PASSWORD);
    await page.locator("main").getByText("Anna Gallo").waitFor();
    await choose(page);
    await hasFocus(page, "La password è cambiata");
    await page.locator("header.site-header").getByRole("link", { name: "Accedi" }).waitFor();
    return unless((await page.getByRole("dialog").count()) === 0, "a dialog asks to enter again");
  });
  await scenario("opening the letter of a new address changes nothing before the press; another link in the same tab counts anew", async (page) => {
    canned.use(nobody({ "POST /api/account/email-confirmation": (_, { body }) => (body.token === tokenOf("a") ? data.refusals.linkNotGood : data.told.addressConfirmed) }));
    await visit(page, url + CONFIRM);
    await page.getByRole("button", { name: "Conferma l'indirizzo" }).waitFor();
    const early = canned.asked.some(({ path }) => path === "/api/account/email-confirmation");
    await press("Conferma l'indirizzo")(page);
    await hasFocus(page, "Collegamento non valido");
    await page.evaluate((hash) => (location.hash = hash), tokenOf("z"));
    await press("Conferma l'indirizzo")(page);
    await hasFocus(page, "e-mail è confermato");
    return [...unless(!early, "asked without a press"), ...(await leaks(page, canned, tokenOf("z")))];
  });
  await scenario("a skip link is no link of a letter", async (page) => {
    await visit(page, url + PASSWORD);
    await page.getByLabel("Nuova password").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(200);
    return unless(await page.getByLabel("Nuova password").isVisible(), "the form is gone");
  });
  await scenario("after some failures the browser makes the human check by itself, and nobody presses again", async (page) => {
    let proof = null;
    canned.use({
      "GET /api/session": data.sessions.password,
      "POST /api/sign-in/password": (_, { body }) => {
        proof = body.human_check ?? null;
        return proof === null ? data.refusals.needsHumanCheck : { level: 1, expires: new Date(Date.now() + 600_000).toISOString() };
      },
    });
    await visit(page, `${url}/accesso?modo=email`);
    await signIn(page);
    await page.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
    return unless(proof !== null && data.isSolved(proof), `sent ${proof}`);
  });
  await scenario("a code by e-mail takes the place of the automatic check", async (page) => {
    await visit(page, `${url}/utenza/recupero`);
    await page.getByText("La verifica automatica non riesce?").click();
    // Without an address there is nowhere to send it.
    await press("Ricevi un codice")(page);
    await hasFocus(page, "indirizzo");
    await page.getByLabel("Indirizzo e-mail", { exact: true }).fill("anna.gallo@example.it");
    await press("Ricevi un codice")(page);
    await page.locator("main").getByText("Vale 30 minuti").waitFor();
    await page.getByLabel("Codice ricevuto per e-mail").fill(CODE);
    await press("Invia il collegamento")(page);
    await hasFocus(page, "Vale un'ora");
    const { body } = canned.asked.find(({ path }) => path === "/api/account/recovery");
    return [
      ...unless(body.human_check.replace("-", "") === CODE.replace("-", ""), `sent ${body.human_check}`),
      ...unless(!canned.asked.some(({ path }) => path === "/api/human-check"), "the browser worked for nothing"),
    ];
  });
  await scenario("while passwords open nothing, pages say so and offer no form", async (page) => {
    await page.route("**/facts/calendar.json", async (route) => {
      const answer = await route.fetch();
      const calendar = await answer.json();
      for (const campaign of calendar.campaigns) delete campaign.password_sign_in;
      await route.fulfill({ response: answer, json: calendar });
    });
    await visit(page, `${url}/utenza/registrazione`);
    await page.getByText("Ora non si entra con e-mail e password").waitFor();
    const forms = await page.locator("main form").count();
    const wrong = [...(await axe(page)), ...(await house(page)), ...unless(forms === 0, "there is a form")];
    await visit(page, `${url}/accesso?modo=email`);
    await page.getByText("è chiuso").waitFor();
    return [...wrong, ...unless((await page.locator("main form").count()) === 0, "the sign-in has a form")];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
