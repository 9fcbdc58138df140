// Canned answers of the API for browser tests: invented people, every state that pages show, one hostile name. The shapes are
// held against docs/openapi.json by `shapes.mjs`.

import { createHash } from "node:crypto";

const service = (code, label, why = null) => ({ service: code, label, available: why === null, why });
const NEEDS_LEVEL = "Serve un'identità SPID di livello 2 o superiore, oppure la CIE: esci ed entra di nuovo.";

function session(changes = {}) {
  const now = Date.now();
  const at = (minutes) => new Date(now + minutes * 60_000).toISOString();
  return {
    account: "acc_1",
    level: 2,
    role: "employer",
    profile: "private",
    organisation: null,
    organisation_name: null,
    province: null,
    given_name: "Chiara",
    family_name: "Esposito",
    services: [
      service("home", "Area personale"),
      service("start-application", "Compila domande"),
      service("applications", "Riepilogo domande"),
      service("search", "Ricerca domanda"),
      service("communications", "Comunicazioni"),
      service("personal-data", "Dati personali"),
      service("close-account", "Chiudi l'utenza"),
      service("sign-out", "Esci"),
    ],
    expires: at(10),
    rests_until: at(120),
    ends_at: at(720),
    now: at(0),
    ...changes,
  };
}

/** Who is signed in. */
export const sessions = {
  employer: () => session(),
  operator: () => session({ account: "acc_3", role: "operator", profile: "organisation", organisation: "org_1", organisation_name: "Coltivatori Uniti della Capitanata", given_name: "Paolo", family_name: "Rizzo" }),
  officer: () => session({ account: "acc_4", role: "officer", profile: "office", province: "FG", given_name: "Sara", family_name: "De Luca", services: [service("home", "Area personale"), service("applications", "Riepilogo domande"), service("search", "Ricerca domanda")] }),
  operatorByPassword: () => ({ ...sessions.operator(), level: 1 }),
  password: () =>
    session({
      level: 1,
      services: [service("home", "Area personale"), service("start-application", "Compila domande", NEEDS_LEVEL), service("applications", "Riepilogo domande"), service("search", "Ricerca domanda"), service("personal-data", "Dati personali"), service("close-account", "Chiudi l'utenza")],
    }),
  contact: () => session({ account: "acc_6", role: "organisation-contact", profile: "organisation", organisation: "org_1", organisation_name: "Coltivatori Uniti della Capitanata", given_name: "Ada", family_name: "Fiore", services: [service("home", "Area personale"), service("applications", "Riepilogo domande"), service("search", "Ricerca domanda"), service("personal-data", "Dati personali")] }),
  longName: () => session({ given_name: "Maria Immacolata Concepción", family_name: "Wolfeschlegelsteinhausenbergerdorff-Nguyễn" }),
  /** In its last five minutes of rest, or of all. */
  resting: () => session({ rests_until: new Date(Date.now() + 240_000).toISOString() }),
  ending: () => session({ ends_at: new Date(Date.now() + 240_000).toISOString() }),
};

const LABELS = {
  "to-validate": "Da validare",
  "to-complete": "Da completare",
  "to-send": "Da inviare",
  armed: "Da inviare (invio prenotato)",
  blocked: "Bloccata dal datore di lavoro",
  submitted: "Inviata",
  "in-review": "In istruttoria",
  "integration-requested": "Integrazione richiesta",
  "awaiting-confirmation": "In attesa di conferma",
  granted: "Nulla osta rilasciato",
};
const action = (code, label, more = {}) => ({ action: code, label, ...more });
const FIRST = "app_01040g2081040g2081040g2081";

/** One application. */
export function application(changes = {}) {
  const state = changes.state ?? "to-complete";
  return {
    id: FIRST,
    campaign: "df-2026",
    model: "c-stag-agricoltura",
    model_label: "C-STAG agricoltura",
    schema: "c-stag-agricoltura@1",
    state,
    state_label: LABELS[state] ?? state,
    step: null,
    worker: "El Amrani Youssef",
    employer: "Agricola Tavoliere S.r.l.",
    percent: null,
    missing: [],
    attention: null,
    waiting_for: [],
    allowed: [action("read-history", "Storico"), action("read-communications", "Comunicazioni"), action("book-appointment", "Prenota appuntamento")],
    version: 4,
    created: "2026-01-05T10:12:00.000+01:00",
    changed: "2026-01-09T18:30:00.000+01:00",
    arrival: null,
    receipt_code: null,
    digest: null,
    closed: null,
    reopens: null,
    term: null,
    hold: null,
    ...changes,
  };
}

const soon = (hours) => new Date(Date.now() + hours * 3600_000).toISOString();
const DAY_H = 24;

/** A term of the API that ends at a midnight of Rome, in so many days. */
function term(days, more) {
  const rome = (instant, format) => new Intl.DateTimeFormat("it-IT", { timeZone: "Europe/Rome", ...format }).format(instant);
  const [day, month, year] = rome(Date.parse(soon(days * DAY_H)), { day: "2-digit", month: "2-digit", year: "numeric" }).split("/");
  const midnights = ["+01:00", "+02:00"].map((offset) => Date.parse(`${year}-${month}-${day}T00:00:00${offset}`));
  const end = midnights.find((instant) => rome(instant, { hour: "2-digit", hourCycle: "h23" }) === "00");
  const lastDay = rome(end - 1, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).replace(" 1 ", " 1º ");
  return { ends_at: new Date(end).toISOString(), ends_in_words: `le ore 24:00 di ${lastDay}`, ms_left: end - Date.now(), ...more };
}
const id = (n) => `${FIRST.slice(0, -4)}${String(n).padStart(4, "0")}`;

// What happened after the sending is of these days, since terms run from there.
const TAKEN = soon(-18 * DAY_H);
const GRANTED = soon(-9 * DAY_H);
const ASKED = soon(-3 * DAY_H);

/** The same application in each state that pages tell apart. */
export const inState = {
  toValidate: () =>
    application({
      id: id(2), state: "to-validate", worker: null, employer: null,
      allowed: [action("verify-code", "Verifica codice"), action("ask-new-code", "Richiedi un nuovo codice"), action("block", "Non sono stato io"), action("delete", "Elimina")],
      activation: { sent: true, employer_code: "01234567890", masked_to: "a…@pec.example.it", expires_at: soon(70), attempts_left: 5, fate_label: "Consegnata" },
    }),
  spent: () => ({ ...inState.toValidate(), activation: { ...inState.toValidate().activation, attempts_left: 0 } }),
  waitingForNext: () => ({ ...inState.toValidate(), activation: { ...inState.toValidate().activation, next_at: soon(0.05) } }),
  queued: () => ({ ...inState.toValidate(), activation: { sent: false, employer_code: "01234567890", masked_to: null, expires_at: null, attempts_left: null } }),
  toComplete: () =>
    application({
      id: FIRST, percent: 62,
      missing: [{ field: "worker_surname", label: "Cognome", section: "Lavoratore" }, { field: "accommodation", label: "Indirizzo dell'alloggio", section: "Alloggio" }],
      allowed: [action("save", "Salva"), action("delete", "Elimina"), action("block", "Non sono stato io"), action("read-form", "Visualizza i dati")],
    }),
  toSend: () =>
    application({
      id: id(4), state: "to-send", percent: 100,
      allowed: [action("submit", "Invia", { closed: "L'invio di questo modello si apre lunedì 12 gennaio alle 09:00.", opens_at: soon(30) }), action("save", "Salva"), action("delete", "Elimina")],
    }),
  armed: () => application({ id: id(13), state: "armed", allowed: [action("disarm", "Annulla invio prenotato"), action("delete", "Elimina"), action("read-form", "Visualizza i dati")] }),
  twice: () => ({ ...inState.toComplete(), id: id(5), worker: "<img src=x onerror=alert(1)> Wolfeschlegelsteinhausenbergerdorff-Nguyễn María de los Ángeles", attention: "Lavoratore già richiesto" }),
  blocked: () => application({ id: id(6), state: "blocked", attention: "Il datore di lavoro dice di non averla chiesta.", allowed: [action("read-history", "Storico"), action("read-communications", "Comunicazioni"), action("delete", "Elimina")] }),
  submitted: () =>
    application({
      id: id(7), state: "submitted", arrival: "2026-01-12T09:00:00.120+01:00", receipt_code: "RIC-0W3G-E1R7-0W3G-E1R7-PJ",
      digest: "abababababababababababababababababababababababababababababababab",
      allowed: [action("read-form", "Visualizza i dati"), action("download-receipt", "Scarica ricevuta"), action("read-history", "Storico"), action("read-communications", "Comunicazioni"), action("withdraw", "Ritira domanda"), action("block", "Non sono stato io")],
    }),
  awaiting: () =>
    ({ ...inState.submitted(), id: id(8), state: "awaiting-confirmation", state_label: LABELS["awaiting-confirmation"],
      allowed: [action("confirm", "Conferma"), action("renounce", "Rinuncia"), action("download-receipt", "Scarica ricevuta"), action("read-form", "Visualizza i dati")],
      term: term(5, { kind: "confirmation", label: "Conferma o rinuncia", starts_at: ASKED, who_acts: "applicant" }) }),
  inReview: () =>
    ({ ...inState.submitted(), id: id(9), state: "in-review", state_label: LABELS["in-review"],
      term: term(42, { kind: "nulla-osta", label: "Decisione dello Sportello Unico", starts_at: TAKEN, who_acts: "office" }) }),
  integration: () => ({ ...inState.awaiting(), term: term(5, { kind: "integration", label: "Integrazione dei documenti", starts_at: ASKED, who_acts: "applicant" }), id: id(10), state: "integration-requested", state_label: LABELS["integration-requested"], allowed: [action("provide-integration", "Trasmetti integrazione")] }),
};

const place = (changes = {}) => ({
  ordinal: 12_345, protocol: "FG/C-STAG-AGRICOLTURA/2026/012345", in_quota: true, line: "seasonal-agriculture", line_label: "Lavoro stagionale - riserva alle organizzazioni professionali agricole",
  since: "2026-01-12T09:07:31.000+01:00", moved_up: false, ...changes,
});

/** The same in each of its places (RNK-1). */
export const withPlace = {
  inQuota: () => ({ ...inState.submitted(), place: place() }),
  beyond: () => ({ ...inState.submitted(), place: place({ in_quota: false, line: null, line_label: null, since: null }) }),
  movedUp: () => ({ ...inState.inReview(), place: place({ since: "2026-02-03T11:20:00.000+01:00", moved_up: true, line_label: "Lavoro stagionale" }) }),
};

/** A page of a list. */
export function list(applications, more = {}) {
  const counts = {};
  for (const { state } of applications) counts[state] = (counts[state] ?? 0) + 1;
  return { applications, next: null, counts, ...more };
}

/** What arming and disarming answer: one outcome each. */
export const armedSends = (arms = true) => ({
  arrival: "2026-01-08T18:30:00.000Z",
  opens_at: "2026-01-12T09:00:00.000+01:00",
  outcomes: [
    arms ? { application: id(4), outcome: "armed", armed_at: "2026-01-08T19:30:00.000+01:00" } : { application: id(4), outcome: "disarmed" },
    { application: FIRST, outcome: "not-ready", problem: { type: "/problemi/stato-non-compatibile", title: "Lo stato della domanda non lo consente", detail: "La domanda non è pronta: guarda nel riepilogo che cosa manca." } },
  ],
  remaining: 0,
});

/** Of each state one. */
export const mixed = () => list([inState.twice(), inState.toValidate(), inState.toComplete(), inState.toSend(), inState.submitted(), inState.awaiting(), inState.inReview(), inState.blocked()]);

/** A full page and a next one. */
export const hundred = (state = "to-send") =>
  list(
    Array.from({ length: 100 }, (_, n) => ({ ...inState.toSend(), id: id(100 + n), state, state_label: LABELS[state], worker: `Lavoratore Numero ${n + 1}` })),
    { next: "cursor-2", counts: { "to-send": 900, "to-complete": 12, submitted: 40 } },
  );

const YOU = { who: "you", who_label: "Tu" };
const OFFICE = { who: "office", who_label: "Lo Sportello Unico" };
const EVENTS = {
  start: { to: "to-validate", at: "2026-01-05T10:12:00.000+01:00", ...YOU, text: "Verifiche preliminari superate: domanda creata e codice di attivazione inviato per PEC al datore di lavoro." },
  "verify-code": { to: "to-complete", at: "2026-01-05T11:02:00.000+01:00", ...YOU, text: "Codice di attivazione verificato: la compilazione è aperta." },
  complete: { to: "to-send", at: "2026-01-09T18:30:00.000+01:00", ...YOU, text: "Tutti i dati necessari sono presenti: la domanda è pronta per l'invio." },
  arm: { to: "armed", at: "2026-01-09T18:34:00.000+01:00", ...YOU, text: "Invio prenotato: la domanda parte da sola all'apertura." },
  block: { to: "blocked", at: "2026-01-09T19:05:00.000+01:00", who: "certified-mailbox", who_label: "Dalla casella PEC del datore di lavoro", text: "Il datore di lavoro ha dichiarato di non aver richiesto questa domanda: la domanda è bloccata." },
  submit: { to: "submitted", at: "2026-01-12T09:00:00.120+01:00", ...YOU, text: "Domanda inviata: la ricevuta è disponibile." },
  "take-charge": { to: "in-review", at: TAKEN, ...OFFICE, text: "Domanda presa in carico dallo Sportello Unico." },
  "request-integration": { to: "integration-requested", at: ASKED, ...OFFICE, text: "Lo Sportello Unico ha richiesto un'integrazione dei documenti." },
  grant: { to: "granted", at: GRANTED, ...OFFICE, text: "Nulla osta rilasciato." },
  "report-checks": { to: "awaiting-confirmation", at: ASKED, who: "consular-system", who_label: "Il sistema consolare", text: "Accertamenti consolari conclusi: al datore di lavoro è chiesto di confermare la richiesta." },
};

/** By which events an application comes into each state. */
const WAY_TO = { "to-validate": ["start"] };
WAY_TO["to-complete"] = [...WAY_TO["to-validate"], "verify-code"];
WAY_TO["to-send"] = [...WAY_TO["to-complete"], "complete"];
WAY_TO.armed = [...WAY_TO["to-send"], "arm"];
WAY_TO.blocked = [...WAY_TO["to-complete"], "block"];
WAY_TO.submitted = [...WAY_TO["to-send"], "submit"];
WAY_TO["in-review"] = [...WAY_TO.submitted, "take-charge"];
WAY_TO["integration-requested"] = [...WAY_TO["in-review"], "request-integration"];
WAY_TO.granted = [...WAY_TO["in-review"], "grant"];
WAY_TO["awaiting-confirmation"] = [...WAY_TO.granted, "report-checks"];

/** What happened to an application until its present state, in the API's words. */
export function historyOf({ state }) {
  const events = (WAY_TO[state] ?? []).map((event, n, all) => {
    const { to, ...more } = EVENTS[event];
    const from = n === 0 ? null : EVENTS[all[n - 1]].to;
    return { version: n + 1, event, from: from && (LABELS[from] ?? from), to: LABELS[to] ?? to, digest: event === "submit" ? "abab" : null, ...more };
  });
  return { events };
}

const notice = (changes = {}) => ({
  kind: "receipt", n: 4, label: "Ricevuta di invio della domanda", channel: "pec", copy: false, created: "2026-01-12T09:00:02.000+01:00",
  fate: "delivered", fate_label: "Consegnata", fate_at: "2026-01-12T09:01:10.000+01:00", accepted_at: "2026-01-12T09:00:30.000+01:00", delivered_at: "2026-01-12T09:01:10.000+01:00",
  failed_at: null, failure: null, reason: null, attachments: [], unanswered: false, page: `/domande/${FIRST}`,
  receipts: [{ event: "accepted", label: "Accettata dal gestore", at: "2026-01-12T09:00:30.000+01:00" }, { event: "delivered", label: "Consegnata nella casella", at: "2026-01-12T09:01:10.000+01:00" }],
  ...changes,
});

/** Whatever can become of a letter. */
export const communications = {
  communications: [
    notice(),
    notice({ kind: "integration-request", n: 6, label: "Richiesta di integrazione", created: "2026-01-20T12:00:00.000+01:00", fate: "failed", fate_label: "Non consegnata", delivered_at: null, failed_at: "2026-01-20T13:00:00.000+01:00", failure: "La casella PEC è piena.", reason: "Manca la copia leggibile del passaporto: la legge il datore di lavoro.", subject: "Richiesta di integrazione", text: "Gentile datore di lavoro,\nper la domanda indicata serve un documento in più.", to: "agricola.tavoliere@pec.example.it", attachments: [{ kind: "integration-request", label: "Richiesta di integrazione", version: 1, ready: true }, { kind: "module-1", label: "Modulo 1", version: null, ready: false }] }),
    notice({ kind: "grant", n: 8, label: "Nulla osta al lavoro", channel: "mail", copy: true, created: "2026-01-25T12:00:00.000+01:00", fate: "accepted", fate_label: "Accettata dal gestore", fate_at: "2026-01-25T12:00:40.000+01:00", accepted_at: "2026-01-25T12:00:40.000+01:00", delivered_at: null, receipts: [] }),
  ],
  term: inState.awaiting().term,
  hold: null,
  allowed: [],
};

/** What was written about an application until its present state. */
export function communicationsOf({ state, activation, receipt_code }) {
  const code = notice({ kind: "activation-code", n: 1, label: "Codice di attivazione della domanda", created: "2026-01-05T10:12:05.000+01:00", fate_at: "2026-01-05T10:13:20.000+01:00" });
  const later = {
    "integration-requested": [notice({ kind: "integration-requested", n: 6, label: "Richiesta di integrazione dei documenti", created: ASKED, fate_at: ASKED })],
    "awaiting-confirmation": [
      notice({ kind: "granted", n: 6, label: "Nulla osta rilasciato", created: GRANTED, fate_at: GRANTED }),
      notice({ kind: "confirmation-request", n: 7, label: "Richiesta di conferma del nulla osta", created: ASKED, fate_at: ASKED }),
    ],
  };
  const isAwaited = activation && !activation.sent;
  return { communications: [...(isAwaited ? [] : [code]), ...(receipt_code ? [notice()] : []), ...(later[state] ?? [])], term: null, hold: null, allowed: [] };
}

export const allCommunications = {
  communications: communications.communications.map(({ kind, n, label, channel, created, fate, fate_label }, place) => ({
    application: id(7 + place), model_label: "C-STAG agricoltura", employer: "Agricola Tavoliere S.r.l.", worker: "El Amrani Youssef", state_label: ["Inviata", "Integrazione richiesta", "In attesa di conferma"][place],
    kind, n, label, channel, created, fate, fate_label, unanswered: place === 1, page: place === 1 ? `/domande/${id(7 + place)}/integrazione` : `/domande/${id(7 + place)}`,
  })),
  next: null,
  message: null,
};

export const RECEIPT =
  '{"receipt":{"v":1,"code":"RIC-0W3G-E1R7-0W3G-E1R7-PJ","application":"app_01040g2081040g2081040g2081","campaign":"df-2026","campaign_version":3,"model":"c-stag-agricoltura","digest":"abababababababababababababababababababababababababababababababab","arrival":"2026-01-12T08:00:00.120Z","key_id":"d2576f104a4a4707"},"signature":"OLUCxXYrHIRQ-UzV8_Iw_Wo4F9GVGGvugPD6MzhuMTeRvkyasWiZdJ6zUghumWHUz_vwuaSAMgpFLr6wF4McBg"}';

export const documents = (isReady = true) => ({ documents: [{ kind: "receipt", label: "Ricevuta", from: "portal", at: "2026-01-12T09:00:03.000+01:00", ready: isReady, link: isReady ? "/receipt.pdf" : null, sha256: null, bytes: null }], message: null, kit: [] });

/** A challenge of the human check that has a solution, and whether one was found. */
export const humanCheck = () => {
  const salt = `00112233445566778899aabb?expires=${Math.floor(Date.now() / 1000) + 1200}&`;
  return { algorithm: "SHA-256", challenge: createHash("sha256").update(`${salt}1234`).digest("hex"), maxnumber: 5000, salt, signature: "ab".repeat(32) };
};
export function isSolved(sent) {
  const { salt, number, challenge, signature } = JSON.parse(Buffer.from(sent, "base64").toString());
  return signature === "ab".repeat(32) && challenge === createHash("sha256").update(`${salt}${number}`).digest("hex");
}

/** The API's words about accounts. */
export const told = {
  registered: () => ({ registration: "reg_01040g2081040g2081040g2081", expires: soon(24), message: "Ti abbiamo scritto all'indirizzo indicato: apri il collegamento nel messaggio e inserisci il codice di verifica. Solo allora l'utenza è attiva." }),
  activated: { message: "L'utenza è attiva: ora puoi entrare con l'indirizzo e-mail e la password." },
  askedAgain: { message: "Se la registrazione è ancora in attesa, un nuovo messaggio con collegamento e codice è in arrivo: quelli precedenti non valgono più." },
  codeMailed: { message: "Il codice di verifica è in arrivo all'indirizzo indicato: inseriscilo al posto della verifica automatica. Vale 30 minuti, una volta sola." },
  recovery: { message: "Se l'indirizzo appartiene a un'utenza, un messaggio con il collegamento per scegliere una nuova password è in arrivo. Vale un'ora, una volta sola." },
  passwordChanged: { message: "La password è cambiata e tutte le sessioni sono state chiuse: entra con la nuova password." },
  addressConfirmed: { message: "Il nuovo indirizzo e-mail è confermato: da ora vale per l'accesso e per le comunicazioni." },
  changed: { message: "I dati sono stati aggiornati. Il nuovo indirizzo vale solo dopo la conferma: apri il collegamento nel messaggio che gli abbiamo inviato." },
  declined: { message: "Non risulti più operatore di questo ente, che non può inserirti di nuovo nel suo elenco. Le domande compilate per l'ente restano all'ente, le tue restano tue. Entra di nuovo per continuare come privato." },
};

export const mailAccount = { account: "acc_5", kind: "email", given_name: "Anna", family_name: "Gallo", birth_date: "1990-05-01", email: "anna.gallo@example.it", fiscal_code: null, consent: { campaign: "demo", privacy_version: "2025-10-23", at: "2026-01-05T10:12:00.000+01:00" }, changeable: ["given_name", "family_name", "birth_date", "email", "password"], note: null };

export const account = { account: "acc_1", kind: "identity", given_name: "Chiara", family_name: "Esposito", birth_date: "1980-05-02", email: "chiara@example.it", fiscal_code: "SPSCHR80E42D643X", consent: null, changeable: [], note: "I dati arrivano da SPID o CIE e si aggiornano a ogni accesso: le correzioni si chiedono al gestore di identità." };

const links = { events: [], followed: [], kept_password_chosen: null };
export const exported = (isComplete = true) => ({
  made: new Date().toISOString(), account, role: "employer", profile: "private", organisation: null, province: null, password_chosen: null, linked_to: null, formerly: null, links,
  former_accounts: [], created: "2025-10-24T07:00:00Z", last_sign_in: "2026-01-12T07:55:00Z", memberships: [], listed_as: null, refused_organisations: [], appointments: [], enabling_requests: [],
  applications: [], is_complete: isComplete,
});

export const closure = (drafts = 2, submitted = 1) => ({
  drafts, submitted,
  message: "La chiusura è definitiva e non si può annullare. Le domande non ancora inviate vengono eliminate con i loro dati; quelle già inviate restano all'amministrazione perché sono atti pubblici. Chi opera per un'organizzazione ne esce, e le domande compilate per essa restano all'organizzazione. Per usare di nuovo il portale serve una nuova registrazione o un nuovo accesso con SPID o CIE.",
});
export const closed = (drafts = 2, submitted = 1) => ({ drafts, submitted, message: "L'utenza è chiusa. Le domande non inviate sono state eliminate; quelle già inviate restano all'amministrazione." });

export const readiness = (applications = 12) => ({
  totals: {
    applications, ready: 7, sendable: 6, armed: 0, disarmable: 0, sent: 2,
    blocked_by: applications === 0 ? [] : [
      { obstacle: "registry:inps", who_acts: "registry", label: "Attendiamo la matricola dall'INPS.", applications: 1 },
      { obstacle: "missing", who_acts: "person", label: "Mancano risposte: completa la domanda.", applications: 2 },
    ],
  },
  rows: applications === 0 ? [] : [
    { id: FIRST, state: "to-complete", state_label: "Da completare", worker: "El Amrani Youssef", employer: "Agricola Tavoliere S.r.l.", percent: 62, missing: [{ field: "a", label: "Cognome", section: "Lavoratore" }], blocked_by: [{ obstacle: "missing", who_acts: "person", label: "Mancano risposte: completa la domanda.", since: "2026-01-09T18:30:00.000+01:00", late: false }], allowed: [action("save", "Salva")] },
    { id: id(11), state: "to-complete", state_label: "Da completare", worker: "Singh Harpreet", employer: "Agricola Tavoliere S.r.l.", percent: 98, missing: [], blocked_by: [{ obstacle: "registry:inps", who_acts: "registry", label: "Attendiamo la matricola dall'INPS.", since: "2026-01-05T11:02:00.000+01:00", late: true }], allowed: [action("save", "Salva")] },
  ],
  next: null,
});

export const started = (sent = true) => ({
  id: id(12), campaign: "demo", model: "c-stag-agricoltura", schema: "c-stag-agricoltura@1", state: "to-validate", state_label: "Da validare",
  code_sent: sent, code_expires_at: sent ? soon(72) : null,
  message: sent
    ? "Abbiamo inviato il codice di attivazione all'indirizzo PEC del datore di lavoro che risulta in INI-PEC o INAD. Quando arriva, inseriscilo con «Verifica codice»."
    : "Un registro pubblico non risponde in questo momento. La verifica è in coda e viene ripetuta da sola: non serve rifare la richiesta.",
  actions: [action("verify-code", "Verifica codice")], created: new Date().toISOString(),
});

export const blockView = { application: FIRST, model: "c-stag-agricoltura", model_label: "C-STAG agricoltura", started: "2026-01-05T10:12:00.000+01:00", filed_by: "un operatore di un'organizzazione", state: "blocked", state_label: "Bloccata dal datore di lavoro", blockable: "already", message: "La domanda è bloccata: nessuno può compilarla, inviarla o mandarla avanti. Lo Sportello Unico è avvisato e la esamina." };

const held = (value) => ({ value, source: "person", at: "2026-01-06T10:00:00.000+01:00" });
export const draft = { id: FIRST, campaign: "df-2026", model: "c-stag-agricoltura", schema: "c-stag-agricoltura@1", state: "submitted", state_label: "Inviata", version: 5, attention: null, values: { worker_surname: held("El Amrani"), worker_born: held("1990-05-01"), pay: held(123456) }, versions: {}, percent: 100, sections: [], errors: [], remarks: [], registries: [], notes: [], actions: [] };
export const form = { schema: { id: "c-stag-agricoltura@1", model: "c-stag-agricoltura", title: "C-STAG", sections: [{ key: "worker", title: "Lavoratore" }, { key: "job", title: "Lavoro" }], fields: [{ key: "worker_surname", section: "worker", label: "Cognome", type: { kind: "text" } }, { key: "worker_born", section: "worker", label: "Data di nascita", type: { kind: "date" } }, { key: "pay", section: "job", label: "Retribuzione lorda", type: { kind: "money" } }] }, tables: {}, parent_fields: {} };

/** A refusal. */
export const problem = (status, kind, title, detail, more = {}) => ({ status, body: { type: `/problemi/${kind}`, title, status, detail, request_id: "req_0123456789abcdef", ...more } });

export const refusals = {
  noSession: problem(401, "sessione-assente", "Accesso necessario", "Entra con SPID o CIE e riprova: i dati salvati sono al sicuro."),
  level: problem(403, "livello-insufficiente", "Livello di sicurezza insufficiente", "Per questa operazione serve un'identità SPID di livello 2 o superiore, oppure la CIE. Esci ed entra di nuovo con il livello richiesto."),
  notFound: problem(404, "non-trovata", "Non abbiamo trovato ciò che cerchi", "Forse non esiste più, oppure appartiene a un'altra persona. Torna a «Riepilogo domande»: lì ci sono tutte le domande che puoi aprire."),
  notListed: problem(404, "non-trovata", "Non abbiamo trovato ciò che cerchi", "Non risulti tra gli operatori di nessun ente: non devi fare nulla. Entra di nuovo per continuare come privato."),
  broken: problem(500, "errore-interno", "Errore del portale", "L'errore è nostro, non tuo. Ciò che avevi salvato è al sicuro e riprovare non invia due volte la stessa domanda: riprova tra qualche minuto. Se continua, scrivi all'Help Desk indicando che cosa stavi facendo e, se c'è, il codice che trovi in questo messaggio."),
  unavailable: problem(503, "servizio-non-disponibile", "Servizio momentaneamente non disponibile", "Riprova tra qualche istante: ciò che era salvato è al sicuro.", { retry_after_s: 1 }),
  sessionOver: problem(401, "sessione-scaduta", "Sessione scaduta", "Entra di nuovo con SPID o CIE: i dati salvati sono al sicuro."),
  isContact: problem(403, "azione-non-consentita", "Azione non consentita", "Sei il referente di un'organizzazione e ne tieni l'elenco degli operatori. Chiedi all'Help Desk che un amministratore registri un altro referente e la tua cessazione; poi potrai chiudere l'utenza."),
  wrongCode: problem(422, "codice-errato", "Codice errato", "Il codice non è quello inviato per PEC. Ti restano 4 tentativi.", { attempts_left: 4 }),
  notRepresentative: problem(409, "rappresentanza-non-confermata", "Rappresentanza non confermata", "I registri non confermano che il richiedente rappresenta la società o l'ente indicato. Controlla i codici fiscali; se sono giusti, aggiorna i dati presso il Registro delle Imprese o l'Agenzia delle Entrate e riprova."),
  fields: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "company_fiscal_code", code: "non-valido", message: "Il codice fiscale dell'impresa ha 11 cifre: controlla l'ultima." }] }),
  keyUsed: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "Idempotency-Key", code: "gia-usato", message: "Questa chiave è già stata usata per un'altra domanda: usane una nuova." }] }),
  overtaken: problem(409, "conflitto", "Dati modificati nel frattempo", "I dati sono stati modificati nel frattempo da un'altra scheda: controlla i dati come sono adesso e riprova."),
  linkNotGood: problem(409, "collegamento-non-valido", "Collegamento non valido", "Il collegamento non è valido, è scaduto o è già stato usato. Chiedine uno nuovo dalla pagina da cui avevi iniziato."),
  addressTaken: problem(409, "utenza-gia-attiva", "L'utenza è già attiva", "Con questo indirizzo e-mail esiste già un'utenza attiva: entra con la password che hai, oppure scegli \"Password dimenticata\"."),
  spentCode: problem(409, "tentativi-esauriti", "Tentativi esauriti", "Troppi codici errati: il codice non è più valido. Chiedine uno nuovo."),
  wrongLetterCode: problem(422, "codice-errato", "Codice errato", "Il codice inserito non è quello del messaggio. Controllalo e riprova.", { attempts_left: 4 }),
  wrongPassword: problem(403, "credenziali-errate", "Accesso non riuscito", "L'indirizzo e-mail o la password non sono corretti. Controllali e riprova, oppure scegli \"Password dimenticata\".", { human_check_required: false }),
  needsHumanCheck: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { human_check_required: true, errors: [{ field: "human_check", code: "verifica-richiesta", message: "Dopo più tentativi serve la verifica automatica, oppure un codice per e-mail." }] }),
  humanCheckOver: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "human_check", code: "verifica-scaduta", message: "La verifica è scaduta o è già stata usata: ripetila, oppure chiedi un nuovo codice per e-mail." }] }),
  commonPassword: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "password", code: "troppo-comune", message: "Questa password è troppo comune o contiene i tuoi dati: scegline una più difficile da indovinare, per esempio alcune parole a caso con un numero." }] }),
  otherNotice: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "privacy_version", code: "superata", message: "L'informativa sulla privacy è cambiata: leggi la versione nuova, accettala e riprova." }] }),
  tooManyLetters: problem(429, "troppe-richieste", "Troppe richieste", "Per questo indirizzo sono già partiti tre messaggi in quest'ora: apri il collegamento dell'ultimo arrivato, anche se non l'hai chiesto tu.", { retry_after_s: 1800 }),
  wait: problem(429, "troppe-richieste", "Troppe richieste", "Attendi prima di chiedere un altro codice.", { retry_after_s: 50 }),
};
