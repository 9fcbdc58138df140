// Canned answers of the API for browser tests: invented people, every state that pages show, one hostile name. The shapes are
// held against docs/openapi.json by `shapes.mjs`.

import { createHash } from "node:crypto";

const NEEDS_LEVEL = "Serve un'identità SPID di livello 2 o superiore, oppure la CIE: esci ed entra di nuovo.";
const NOT_YET = "Questo servizio non è ancora attivo sul portale.";

const APPLICANTS = ["employer", "operator"];
const READERS = [...APPLICANTS, "organisation-contact"];
const EVERYBODY = [...READERS, "officer"];
/** Who is offered what, and from which level on, as docs/services.md has it; without a level the portal does not have it yet. */
const SERVICES = [
  ["home", "Area personale", 0, EVERYBODY],
  ["start-application", "Compila domande", 2, APPLICANTS],
  ["applications", "Riepilogo domande", 1, READERS],
  ["search", "Ricerca domanda", 1, READERS],
  ["office-cases", "Pratiche dell'ufficio", 2, ["officer"]],
  ["communications", "Comunicazioni", 1, APPLICANTS],
  ["appointments", "Appuntamenti", null, APPLICANTS],
  ["ask-enabling", "Richiesta di abilitazione", 2, ["employer"]],
  ["operators", "Operatori dell'organizzazione", 2, ["organisation-contact"]],
  ["flags", "Segnalazioni dei datori di lavoro", 2, ["officer"]],
  ["outages", "Malfunzionamenti", 2, ["officer"]],
  ["link-account", "Associa pratica", 2, APPLICANTS],
  ["personal-data", "Dati personali", 1, EVERYBODY],
  ["manual", "Manuale", null, EVERYBODY],
  ["help", "Help Desk", null, EVERYBODY],
  ["close-account", "Chiudi l'utenza", 1, APPLICANTS],
  ["sign-out", "Esci", 0, EVERYBODY],
];

function servicesOf({ role, level }) {
  return SERVICES.filter(([, , , roles]) => roles.includes(role)).map(([service, label, from]) => {
    const why = from === null ? NOT_YET : level < from ? NEEDS_LEVEL : null;
    return { service, label, available: why === null, why };
  });
}

function session(changes = {}) {
  const now = Date.now();
  const at = (minutes) => new Date(now + minutes * 60_000).toISOString();
  const view = {
    account: "acc_1",
    level: 2,
    role: "employer",
    profile: "private",
    organisation: null,
    organisation_name: null,
    province: null,
    given_name: "Chiara",
    family_name: "Esposito",
    expires: at(10),
    rests_until: at(120),
    ends_at: at(720),
    now: at(0),
    ...changes,
  };
  return { ...view, services: servicesOf(view) };
}

const OF_AN_ORGANISATION = { profile: "organisation", organisation: "org_1", organisation_name: "Coltivatori Uniti della Capitanata" };
const OPERATOR = { account: "acc_3", role: "operator", ...OF_AN_ORGANISATION, given_name: "Paolo", family_name: "Rizzo" };

/** Who is signed in. */
export const sessions = {
  employer: () => session(),
  operator: () => session(OPERATOR),
  officer: () => session({ account: "acc_4", role: "officer", profile: "office", province: "FG", given_name: "Sara", family_name: "De Luca" }),
  operatorByPassword: () => session({ ...OPERATOR, level: 1 }),
  /** Whose data `mailAccount` are. */
  password: () => session({ account: "acc_5", level: 1, given_name: "Anna", family_name: "Gallo" }),
  contact: () => session({ account: "acc_6", role: "organisation-contact", ...OF_AN_ORGANISATION, given_name: "Ada", family_name: "Fiore" }),
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
  "refusal-announced": "Preavviso di rigetto",
  refused: "Rigettata",
  granted: "Nulla osta rilasciato",
  "awaiting-confirmation": "In attesa di conferma",
  renouncing: "Rinuncia annullabile",
  renounced: "Rinunciata",
  "expired-to-verify": "Scaduta, da verificare",
};
const ACTIONS = {
  "verify-code": "Verifica codice",
  "ask-new-code": "Richiedi un nuovo codice",
  "read-form": "Visualizza i dati",
  save: "Salva",
  "request-correction": "Richiedi correzione",
  delete: "Elimina",
  block: "Non sono stato io",
  disarm: "Annulla invio prenotato",
  submit: "Invia",
  "download-receipt": "Scarica ricevuta",
  "read-history": "Storico",
  "read-communications": "Comunicazioni",
  withdraw: "Ritira domanda",
  "provide-integration": "Trasmetti integrazione",
  object: "Presenta osservazioni",
  confirm: "Conferma",
  renounce: "Rinuncia",
  "undo-renunciation": "Annulla rinuncia",
};
const action = (code, more = {}) => ({ action: code, label: ACTIONS[code], ...more });
/** What the employer, or who represents it, may do in each state beside reading, by the tables of permissions and of the lifecycle. */
const MAY = {
  "to-validate": ["verify-code", "ask-new-code", "delete", "block"],
  "to-complete": ["read-form", "save", "request-correction", "delete", "block"],
  "to-send": ["read-form", "save", "request-correction", "delete", "block", "submit"],
  armed: ["read-form", "delete", "block", "disarm"],
  blocked: ["read-form"],
  submitted: ["withdraw", "block"],
  "in-review": ["withdraw", "block"],
  "integration-requested": ["provide-integration", "withdraw", "block"],
  "refusal-announced": ["object", "withdraw", "block"],
  granted: ["withdraw"],
  "awaiting-confirmation": ["confirm", "renounce"],
  renouncing: ["undo-renunciation"],
};
const allowedIn = (state, isSent) => [...(MAY[state] ?? []), ...(isSent ? ["read-form", "download-receipt"] : []), "read-history", "read-communications"].map((code) => action(code));
const FIRST = "app_01040g2081040g2081040g2081";

const WORKER_TAKEN = "Le risposte ci sono tutte, ma la domanda non si può inviare: lo stesso datore di lavoro ha già una domanda attiva per questo lavoratore. Elimina una delle due o correggi i dati del lavoratore.";

/** An employer has one live application for each worker. */
const WORKERS = {
  "to-send": "Benali Karim",
  armed: "Hossain Rahim",
  blocked: "Diop Mamadou",
  submitted: "Singh Gurpreet",
  "in-review": "Kumar Rajesh",
  "integration-requested": "Bouzid Fatima",
  "refusal-announced": "Islam Shahidul",
  refused: "Cissé Awa",
  granted: "Perera Nimal",
  "awaiting-confirmation": "Haddad Samir",
  renouncing: "Khan Imran",
  renounced: "Traoré Moussa",
  "expired-to-verify": "Gill Manpreet",
};

/** One application. */
export function application(changes = {}) {
  const state = changes.state ?? "to-complete";
  const isSent = Boolean(changes.receipt_code);
  return {
    id: FIRST,
    campaign: "df-2026",
    model: "c-stag-agricoltura",
    model_label: "C-STAG agricoltura",
    schema: "c-stag-agricoltura@1",
    state,
    state_label: LABELS[state] ?? state,
    step: null,
    worker: WORKERS[state] ?? "El Amrani Youssef",
    employer: "Agricola Tavoliere S.r.l.",
    percent: null,
    missing: [],
    attention: null,
    waiting_for: [],
    allowed: allowedIn(state, isSent),
    version: 4,
    // What is not sent yet was begun some days ago: codes and openings run from now.
    created: isSent ? "2026-01-05T10:12:00.000+01:00" : soon(-6 * DAY_H),
    changed: isSent ? "2026-01-12T09:00:00.120+01:00" : soon(-DAY_H),
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

/** One that was sent. */
export const sent = (state, changes) =>
  application({
    state, arrival: "2026-01-12T09:00:00.120+01:00", receipt_code: "RIC-0W3G-E1R7-0W3G-E1R7-PJ",
    digest: "abababababababababababababababababababababababababababababababab", ...changes,
  });

const DAY_H = 24;
/** So many hours from now. */
export const soon = (hours) => new Date(Date.now() + hours * 3600_000).toISOString();
/** So many minutes after an instant. */
const after = (instant, minutes) => new Date(Date.parse(instant) + minutes * 60_000).toISOString();

const rome = (instant, format) => new Intl.DateTimeFormat("it-IT", { timeZone: "Europe/Rome", ...format }).format(instant);
const dayInWords = (instant) => rome(instant, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).replace(" 1 ", " 1º ");

/** An hour of Rome on the day so many days after an instant, in milliseconds. */
function atRome(instant, days, hour = "00") {
  const [day, month, year] = rome(Date.parse(instant) + days * DAY_H * 3600_000, { day: "2-digit", month: "2-digit", year: "numeric" }).split("/");
  const choices = ["+01:00", "+02:00"].map((offset) => Date.parse(`${year}-${month}-${day}T${hour}:00:00${offset}`));
  return choices.find((one) => rome(one, { hour: "2-digit", hourCycle: "h23" }) === hour);
}
const inWords = (instant) => `${dayInWords(instant)}, ore ${rome(instant, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" })}`;

/** The terms of the decree: label, who acts, days; they end with the last day in Rome. */
const TERMS = {
  "nulla-osta-seasonal": ["rilascio del nulla osta stagionale", "office", 20],
  integration: ["integrazione dei documenti", "applicant", 30],
  preavviso: ["osservazioni al preavviso di rigetto", "applicant", 10],
  "nulla-osta-validity": ["validità del nulla osta", "applicant", 180],
  confirmation: ["conferma della richiesta", "applicant", 15],
  verification: ["verifica della mancata conferma", "office", 2],
  archiving: ["archiviazione", "portal", 60],
};
/** When a term that began so is over, in milliseconds. */
export const endOf = (kind, starts) => atRome(starts, TERMS[kind][2] + 1);
/** A term as the API tells it. */
export function term(kind, starts_at) {
  const [label, who_acts] = TERMS[kind];
  const end = endOf(kind, starts_at);
  return { kind, label, who_acts, starts_at, ends_at: new Date(end).toISOString(), ends_in_words: `le ore 24:00 di ${dayInWords(end - 1)}`, ms_left: Math.max(0, end - Date.now()) };
}
/** In its hour a renunciation can be undone: the one term that ends within a day. */
export function undoTerm(starts_at) {
  const ends_at = after(starts_at, 60);
  return { kind: "renounce-undo", label: "annullamento della rinuncia", who_acts: "applicant", starts_at, ends_at, ends_in_words: inWords(Date.parse(ends_at)), ms_left: Math.max(0, Date.parse(ends_at) - Date.now()) };
}

/** What the calendar says to something that is possible only from an instant on. */
const closedUntil = (opening, sentence) => ({ closed: `${sentence}: si potrà da ${inWords(opening)}.`, opens_at: new Date(opening).toISOString() });
/** The application with an action that the calendar closes until then. */
const withClosed = (one, code, closed) => ({ ...one, allowed: one.allowed.map((each) => (each.action === code ? { ...each, ...closed } : each)) });
/** A draft that cannot even be read for some days. */
export function inClosedSection(one) {
  const end = atRome(soon(0), 3);
  const closed = `La sezione è chiusa: le risposte non si possono consultare fino a ${dayInWords(end - 1)}, ore 24:00:00.`;
  const editing = closedUntil(atRome(soon(0), 3, "09"), "In questo momento non è possibile modificare le domande");
  return { ...withClosed(one, "save", editing), worker: null, employer: null, percent: null, missing: [], closed, reopens: new Date(end).toISOString() };
}

const id = (n) => `${FIRST.slice(0, -4)}${String(n).padStart(4, "0")}`;

// What happened after the sending is of these days, since terms run from there.
const TAKEN = soon(-12 * DAY_H);
const GRANTED = soon(-9 * DAY_H);
const ASKED = soon(-3 * DAY_H);

/** The same application in each state that pages tell apart. */
export const inState = {
  toValidate: () =>
    application({
      id: id(2), state: "to-validate", worker: null, employer: null, created: soon(-2), changed: soon(-2),
      activation: { sent: true, employer_code: "01234567890", masked_to: "a…@pec.example.it", expires_at: soon(70), attempts_left: 5, fate_label: "Consegnata" },
    }),
  spent: () => ({ ...inState.toValidate(), activation: { ...inState.toValidate().activation, attempts_left: 0 } }),
  waitingForNext: () => ({ ...inState.toValidate(), activation: { ...inState.toValidate().activation, next_at: soon(0.05) } }),
  queued: () => ({ ...inState.toValidate(), activation: { sent: false, employer_code: "01234567890", masked_to: null, expires_at: null, attempts_left: null } }),
  toComplete: () =>
    application({
      id: FIRST, percent: 62,
      missing: [{ field: "worker_passport_number", label: "Passaporto: numero", section: "Lavoratore" }, { field: "housing_title", label: "Tipo di alloggio", section: "Alloggio" }],
    }),
  toSend: () => withClosed(application({ id: id(4), state: "to-send" }), "submit", closedUntil(atRome(soon(0), 2, "09"), "Non è ancora possibile inviare le domande")),
  armed: () => application({ id: id(13), state: "armed" }),
  twice: () => ({ ...inState.toComplete(), id: id(5), percent: 100, missing: [], worker: "<img src=x onerror=alert(1)> Wolfeschlegelsteinhausenbergerdorff-Nguyễn María de los Ángeles", attention: WORKER_TAKEN }),
  blocked: () => application({ id: id(6), state: "blocked" }),
  submitted: () => sent("submitted", { id: id(7) }),
  /** Sent just now: its position is not final. */
  received: () => sent("submitted", { id: id(14), created: soon(-6 * DAY_H), changed: soon(-1 / 15), arrival: soon(-1 / 15) }),
  awaiting: () => sent("awaiting-confirmation", { id: id(8), term: term("confirmation", ASKED) }),
  inReview: () => sent("in-review", { id: id(9), term: term("nulla-osta-seasonal", TAKEN) }),
  integration: () => sent("integration-requested", { id: id(10), term: term("integration", ASKED) }),
};

/** The same as it is shown to who filed it for an employer. */
export const filed = (one) => ({ ...one, allowed: one.allowed.filter((each) => each.action !== "block") });

const BY_PASSWORD = ["block", "download-receipt", "read-history", "read-communications"];
/** The same as a password lets it be seen: without names, and with nothing that changes it. */
export const byPassword = ({ activation: _, ...one }) => ({ ...one, worker: null, employer: null, missing: [], allowed: one.allowed.filter((each) => BY_PASSWORD.includes(each.action)) });

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

/** Of each state one, the newest first. */
export const mixed = () => list([inState.toValidate(), inState.twice(), inState.toComplete(), inState.toSend(), inState.blocked(), inState.submitted(), inState.awaiting(), inState.inReview()]);
export const mixedByPassword = () => list(mixed().applications.map(byPassword));

/** A full page and a next one. */
export const hundred = (state = "to-send") => {
  const one = state === "to-send" ? inState.toSend() : inState.toComplete();
  return list(
    Array.from({ length: 100 }, (_, n) => ({ ...one, id: id(100 + n), worker: `Lavoratore Numero ${n + 1}` })),
    { next: "cursor-2", counts: { "to-send": state === "to-send" ? 900 : 12, "to-complete": state === "to-send" ? 12 : 900, submitted: 40 } },
  );
};

const YOU = { who: "you", who_label: "Tu" };
const COLLEAGUE = { who: "somebody-else", who_label: "Un'altra persona che segue la domanda" };
const OFFICE = { who: "office", who_label: "Lo Sportello Unico" };
const CONSULATE = { who: "consular-system", who_label: "Il sistema consolare" };
const PORTAL = { who: "portal", who_label: "Il portale" };
const MAILBOX = { who: "certified-mailbox", who_label: "Dalla casella PEC del datore di lavoro" };
/** What can happen: to what it leads, who does it, and which letter it brings about. */
const EVENTS = {
  start: { to: "to-validate", ...YOU, text: "Domanda iniziata: verifiche preliminari superate, codice di attivazione inviato per PEC al datore di lavoro.", letter: ["activation-code", "Codice di attivazione della domanda", "/codice"] },
  "verify-code": { to: "to-complete", ...YOU, text: "Codice di attivazione verificato: la compilazione è aperta." },
  complete: { to: "to-send", ...YOU, text: "Tutti i dati necessari sono presenti: la domanda è pronta per l'invio.", letter: ["became-ready", "Domanda pronta per l'invio", "/compila"] },
  arm: { to: "armed", ...YOU, text: "Invio prenotato: la domanda parte da sola all'apertura." },
  block: { to: "blocked", ...MAILBOX, text: "Il datore di lavoro ha dichiarato di non aver richiesto questa domanda: la domanda è bloccata.", letter: ["blocked", "Domanda bloccata dal datore di lavoro", "/comunicazioni"] },
  submit: { to: "submitted", ...YOU, text: "Domanda inviata: la ricevuta è disponibile.", letter: ["receipt", "Ricevuta di invio della domanda", "/ricevuta"] },
  "take-charge": { to: "in-review", ...OFFICE, text: "Domanda presa in carico dallo Sportello Unico." },
  "request-integration": { to: "integration-requested", ...OFFICE, text: "Lo Sportello Unico ha richiesto un'integrazione dei documenti.", letter: ["integration-requested", "Richiesta di integrazione dei documenti", "/integrazione"] },
  "announce-refusal": { to: "refusal-announced", ...OFFICE, text: "Preavviso di rigetto inviato: il datore di lavoro può presentare osservazioni.", letter: ["refusal-announced", "Preavviso di rigetto", "/osservazioni"] },
  refuse: { to: "refused", ...OFFICE, text: "Domanda rigettata: la motivazione è nelle comunicazioni.", letter: ["refused", "Domanda rigettata", "/comunicazioni"] },
  grant: { to: "granted", ...OFFICE, text: "Nulla osta rilasciato.", letter: ["granted", "Nulla osta rilasciato", "/comunicazioni"] },
  "report-checks": { to: "awaiting-confirmation", ...CONSULATE, text: "Accertamenti consolari conclusi: al datore di lavoro è chiesto di confermare la richiesta.", letter: ["confirmation-request", "Richiesta di conferma del nulla osta", "/conferma"] },
  renounce: { to: "renouncing", ...YOU, text: "Rinuncia comunicata: può essere annullata entro 60 minuti.", letter: ["renouncing", "Rinuncia registrata, ancora annullabile", "/conferma"] },
  "complete-renunciation": { to: "renounced", ...PORTAL, text: "Rinuncia divenuta definitiva.", letter: ["renounced", "Rinuncia definitiva", "/comunicazioni"] },
  expire: { to: "expired-to-verify", ...PORTAL, text: "Termine di conferma scaduto senza risposta: la pratica è da verificare.", letter: ["expired", "Termine di conferma scaduto", "/comunicazioni"] },
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
WAY_TO["refusal-announced"] = [...WAY_TO["in-review"], "announce-refusal"];
WAY_TO.refused = [...WAY_TO["refusal-announced"], "refuse"];
WAY_TO.granted = [...WAY_TO["in-review"], "grant"];
WAY_TO["awaiting-confirmation"] = [...WAY_TO.granted, "report-checks"];
WAY_TO.renouncing = [...WAY_TO["awaiting-confirmation"], "renounce"];
WAY_TO.renounced = [...WAY_TO.renouncing, "complete-renunciation"];
WAY_TO["expired-to-verify"] = [...WAY_TO["awaiting-confirmation"], "expire"];

/** What happened to an application until its present state, oldest first; `times` are those of what is not as usual. */
function happened({ state, created, arrival }, times) {
  const usual = {
    start: created,
    "verify-code": after(created, 50),
    complete: after(created, 4 * DAY_H * 60 + 498),
    arm: soon(-20),
    block: soon(-5),
    submit: arrival,
    "take-charge": TAKEN,
    "request-integration": ASKED,
    grant: GRANTED,
    "report-checks": ASKED,
  };
  return (WAY_TO[state] ?? []).map((event, n) => ({ event, n: n + 1, ...EVENTS[event], at: times[event] ?? usual[event] }));
}

/** The same in the API's words. Who says that an application is not theirs did not begin it. */
export function historyOf(one, times = {}) {
  const events = happened(one, times).map(({ event, n, letter: _, ...more }, place, all) => ({
    version: n, event, ...more,
    ...(one.state === "blocked" && more.who === "you" ? COLLEAGUE : {}),
    from: place === 0 ? null : LABELS[all[place - 1].to], to: LABELS[more.to], digest: event === "submit" ? "abab" : null,
  }));
  return { events };
}

/** Letters that go by mail to who filed, and those that go by PEC without a copy by mail. */
const BY_MAIL = ["became-ready", "blocked"];
const WITHOUT_COPY = [...BY_MAIL, "activation-code", "receipt"];
/** What a case waits for. */
const ASKS = { "integration-requested": "integration-requested", "refusal-announced": "refusal-announced", "confirmation-request": "awaiting-confirmation" };
const REASONS = { "integration-requested": "Manca la copia leggibile del passaporto.", "refusal-announced": "L'alloggio indicato non basta per il lavoratore.", refused: "Le osservazioni non superano i motivi del preavviso: l'alloggio indicato non basta per il lavoratore." };
const FATE_LABELS = { accepted: "Inviata", delivered: "Consegnata", failed: "Non consegnata" };
/** What goes with a letter; the end of a term goes as a file for the calendar. */
function attachmentsOf(kind, application) {
  if (kind === "receipt") return [{ kind: "signed-receipt", label: "Ricevuta firmata", version: null, ready: true, link: `/api/applications/${application}/receipt` }];
  return kind in ASKS ? [{ kind: "calendar-file", label: "Promemoria della scadenza per il calendario", version: null, ready: false, link: null }] : [];
}

/** A letter and, where there is one, its copy. `fate` is what became of it where it was not simply delivered. */
function lettersOf({ n, at, letter: [kind, label, page] }, one, fate) {
  const isMail = BY_MAIL.includes(kind);
  const became = fate ?? (isMail ? "accepted" : "delivered");
  const [accepted, known] = [after(at, 0.5), after(at, became === "failed" ? 60 : 1.2)];
  const receipts = isMail ? [] : [{ event: "accepted", label: "Ricevuta di accettazione", at: accepted }];
  if (became === "delivered") receipts.push({ event: "delivered", label: "Ricevuta di avvenuta consegna", at: known });
  if (became === "failed") receipts.push({ event: "failed", label: "Avviso di mancata consegna", at: known });
  const pec = {
    kind, n, label, channel: isMail ? "mail" : "pec", copy: false, created: after(at, 0.1), fate: became, fate_label: FATE_LABELS[became], fate_at: became === "accepted" ? accepted : known,
    accepted_at: accepted, delivered_at: became === "delivered" ? known : null, failed_at: became === "failed" ? known : null, failure: became === "failed" ? "La casella del destinatario è piena." : null,
    reason: REASONS[kind] ?? null, attachments: attachmentsOf(kind, one.id), unanswered: ASKS[kind] === one.state, page: `/domande/${one.id}${page}`, receipts,
    ...(kind === "integration-requested" ? { subject: label, text: "Gentile datore di lavoro,\nper la domanda indicata serve un documento in più.", to: "agricola.tavoliere@pec.example.it" } : {}),
  };
  if (WITHOUT_COPY.includes(kind)) return [pec];
  const { subject: _, text: __, to: ___, ...bare } = pec;
  return [pec, { ...bare, channel: "mail", copy: true, fate: "accepted", fate_label: FATE_LABELS.accepted, fate_at: accepted, delivered_at: null, failed_at: null, failure: null, reason: null, attachments: [], unanswered: false, receipts: [] }];
}

/** What was written about an application until its present state; `fates` are those of what was not simply delivered. */
export function communicationsOf(one, times = {}, fates = {}) {
  const isQueued = one.activation && !one.activation.sent;
  const letters = isQueued ? [] : happened(one, times).filter(({ letter }) => letter);
  return { communications: letters.flatMap((each) => lettersOf(each, one, fates[each.letter[0]])), term: one.term ?? null, hold: one.hold ?? null, allowed: one.allowed };
}

/** Whatever can become of a letter: the mailbox was full when the receipt went out. */
export const communications = (one = inState.integration()) => communicationsOf(one, {}, { receipt: "failed" });

/** Those of two applications, newest first; copies are none of their own. */
export function allCommunications() {
  const of = (one, { communications: all }) =>
    all.filter(({ copy }) => !copy).map(({ kind, n, label, channel, created, fate, fate_label, unanswered, page }) => ({
      application: one.id, model_label: one.model_label, employer: one.employer, worker: one.worker, state_label: one.state_label, kind, n, label, channel, created, fate, fate_label, unanswered, page,
    }));
  const rows = [...of(inState.integration(), communications()), ...of(inState.awaiting(), communicationsOf(inState.awaiting()))];
  return { communications: rows.sort((a, b) => Date.parse(b.created) - Date.parse(a.created)), next: null, message: null };
}

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
  changed: { message: "I dati sono stati aggiornati. Il nuovo indirizzo vale solo dopo la conferma: apri il collegamento nel messaggio inviato al nuovo indirizzo." },
  declined: { message: "Non risulti più operatore di questo ente, che non può inserirti di nuovo nel suo elenco. Le domande compilate per l'ente restano all'ente, le tue restano tue. Entra di nuovo per continuare come privato." },
};

export const mailAccount = { account: "acc_5", kind: "email", given_name: "Anna", family_name: "Gallo", birth_date: "1990-05-01", email: "anna.gallo@example.it", fiscal_code: null, consent: { campaign: "demo", privacy_version: "2025-10-23", at: "2026-01-05T10:12:00.000+01:00" }, changeable: ["given_name", "family_name", "birth_date", "email", "password"], note: null };

export const account = { account: "acc_1", kind: "identity", given_name: "Chiara", family_name: "Esposito", birth_date: "1980-05-02", email: "chiara@example.it", fiscal_code: "SPSCHR80E42D643X", consent: null, changeable: [], note: "I dati arrivano da SPID o CIE e si aggiornano a ogni accesso: chiedi le correzioni al tuo gestore di identità SPID oppure, se entri con la CIE, al tuo Comune." };

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

const BY_HAND = { obstacle: "by-hand", who_acts: "person", label: "Ci sono campi da compilare a mano." };
const FROM_INPS = { obstacle: "registry:inps", who_acts: "registry", label: "Aspettiamo i dati: non ha ancora risposto l'INPS. Non serve compilarli a mano." };
const notReady = (number, worker, percent, missing, obstacle) => ({
  id: number, state: "to-complete", state_label: LABELS["to-complete"], worker, employer: "Agricola Tavoliere S.r.l.", percent, missing,
  blocked_by: [obstacle], allowed: filed(application()).allowed,
});

/** As an operator sees them: of the seven that are ready one was filed by a colleague. */
export const readiness = (applications = 12) => ({
  totals: {
    applications, ready: 7, sendable: 6, armed: 0, disarmable: 0, sent: 2,
    blocked_by: applications === 0 ? [] : [{ ...FROM_INPS, applications: 1 }, { ...BY_HAND, applications: 2 }],
  },
  rows: applications === 0 ? [] : [
    notReady(FIRST, "El Amrani Youssef", 62, inState.toComplete().missing, { ...BY_HAND, since: soon(-DAY_H), late: false }),
    notReady(id(11), "Singh Harpreet", 98, [], { ...FROM_INPS, since: soon(-5 * DAY_H), late: true }),
    notReady(id(15), "Hossain Rahim", 88, [{ field: "worker_passport_number", label: "Passaporto: numero", section: "Lavoratore" }], { ...BY_HAND, since: soon(-2 * DAY_H), late: false }),
  ],
  next: null,
});

/** Hundreds that something stops: of two by hand, the third waits for a registry. */
export const readinessOfMany = (count) => ({
  totals: { applications: count + 300, ready: 300, sendable: 300, armed: 0, disarmable: 0, sent: 0, blocked_by: [{ ...FROM_INPS, applications: count / 3 }, { ...BY_HAND, applications: (2 * count) / 3 }] },
  rows: Array.from({ length: count }, (_, n) => notReady(id(100 + n), `Lavoratore Numero ${n + 1}`, 62, [], { ...(n % 3 === 2 ? FROM_INPS : BY_HAND), since: soon(-DAY_H), late: false })),
  next: null,
});

export const started = (sent = true) => ({
  id: id(12), campaign: "demo", model: "c-stag-agricoltura", schema: "c-stag-agricoltura@1", state: "to-validate", state_label: "Da validare",
  code_sent: sent, code_expires_at: sent ? soon(72) : null,
  message: sent
    ? "Abbiamo inviato il codice di attivazione all'indirizzo PEC del datore di lavoro che risulta in INI-PEC o INAD. Quando arriva, inseriscilo con «Verifica codice»."
    : "Un registro pubblico non risponde in questo momento. La verifica è in coda e viene ripetuta da sola: non serve rifare la richiesta.",
  actions: [action("verify-code")], created: new Date().toISOString(),
});

/** What is answered to who says that an application is not theirs. */
export const blockView = (_, { application: { id: number, created } }) => ({
  application: number, model: "c-stag-agricoltura", model_label: "C-STAG agricoltura", started: created, filed_by: "da un operatore di un'organizzazione abilitata al portale", state: "blocked", state_label: LABELS.blocked, blockable: "already",
  message: "La domanda è bloccata: nessuno può compilarla, inviarla o mandarla avanti. Lo Sportello Unico è avvisato e la esamina: non devi fare altro. Se l'hai bloccata per errore, rivolgiti allo Sportello Unico o all'Help Desk.",
});

const held = (value) => ({ value, source: "person", at: "2026-01-06T10:00:00.000+01:00" });
/** The answers of one that was sent. */
export const draft = (_, { application: { id: number, worker } }) => ({ id: number, campaign: "df-2026", model: "c-stag-agricoltura", schema: "c-stag-agricoltura@1", state: "submitted", state_label: "Inviata", version: 5, attention: null, values: { worker_surname: held(worker.split(" ").slice(0, -1).join(" ")), worker_born: held("1990-05-01"), pay: held(123456) }, versions: {}, percent: 100, sections: [], errors: [], remarks: [], registries: [], notes: [], actions: [] });
export const form = { schema: { id: "c-stag-agricoltura@1", model: "c-stag-agricoltura", title: "C-STAG", sections: [{ key: "worker", title: "Lavoratore" }, { key: "job", title: "Lavoro" }], fields: [{ key: "worker_surname", section: "worker", label: "Cognome", type: { kind: "text" } }, { key: "worker_born", section: "worker", label: "Data di nascita", type: { kind: "date" } }, { key: "pay", section: "job", label: "Retribuzione lorda", type: { kind: "money" } }] }, tables: {}, parent_fields: {} };

/** A refusal. */
export const problem = (status, kind, title, detail, more = {}) => ({ status, body: { type: `/problemi/${kind}`, title, status, detail, request_id: "req_0123456789abcdef", ...more } });

export const refusals = {
  noSession: problem(401, "sessione-assente", "Accesso necessario", "Entra con SPID o CIE e riprova: i dati salvati sono al sicuro."),
  level: problem(403, "livello-insufficiente", "Livello di sicurezza insufficiente", "Per questa operazione serve un'identità SPID di livello 2 o superiore, oppure la CIE. Esci ed entra di nuovo con il livello richiesto."),
  levelForNames: problem(403, "livello-insufficiente", "Livello di sicurezza insufficiente", "Per cercare per nome o codice fiscale serve un'identità SPID di livello 2 o superiore, oppure la CIE. Con e-mail e password puoi cercare per numero della domanda, modello, stato o data."),
  notFound: problem(404, "non-trovata", "Non abbiamo trovato ciò che cerchi", "Forse non esiste più, oppure appartiene a un'altra persona. Torna a «Riepilogo domande»: lì ci sono tutte le domande che puoi aprire."),
  notListed: problem(404, "non-trovata", "Non abbiamo trovato ciò che cerchi", "Non risulti tra gli operatori di nessun ente: non c'è nulla da annullare. Per continuare come privato entra di nuovo."),
  broken: problem(500, "errore-interno", "Errore del portale", "L'errore è nostro, non tuo. Ciò che avevi salvato è al sicuro, e se riprovi nulla viene fatto due volte: riprova tra qualche minuto. Se continua, scrivi all'Help Desk indicando che cosa stavi facendo e, se c'è, il codice che trovi in questo messaggio."),
  unavailable: problem(503, "servizio-non-disponibile", "Servizio momentaneamente non disponibile", "Riprova tra qualche istante: ciò che era salvato è al sicuro.", { retry_after_s: 1 }),
  sessionOver: problem(401, "sessione-scaduta", "Sessione scaduta", "Entra di nuovo con SPID o CIE: i dati salvati sono al sicuro."),
  isContact: problem(403, "azione-non-consentita", "Azione non consentita", "Sei il referente di un'organizzazione e ne tieni l'elenco degli operatori. Chiedi all'Help Desk che un amministratore registri un altro referente e la tua cessazione; poi potrai chiudere l'utenza."),
  wrongCode: problem(422, "codice-errato", "Codice errato", "Il codice non è quello inviato per PEC. Ti restano 4 tentativi.", { attempts_left: 4 }),
  notBlockable: problem(409, "stato-non-compatibile", "Lo stato della domanda non lo consente", "La domanda è in uno stato in cui non si può più bloccare da qui. Se non l'hai chiesta tu, scrivi per PEC allo Sportello Unico della provincia del lavoro e indica il numero della domanda."),
  notRepresentative: problem(409, "rappresentanza-non-confermata", "Rappresentanza non confermata", "I registri non confermano che il richiedente rappresenti la società o l'ente indicato. Controlla i codici fiscali; se sono giusti, aggiorna i dati presso il Registro delle Imprese o l'Agenzia delle Entrate e riprova."),
  fields: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "company_fiscal_code", code: "non-valido", message: "Il numero contiene un errore: la cifra di controllo non corrisponde. Ricontrolla le cifre." }] }),
  keyUsed: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "Idempotency-Key", code: "gia-usato", message: "Questa chiave è già stata usata per un'altra domanda: usane una nuova." }] }),
  overtaken: problem(409, "conflitto", "Dati modificati nel frattempo", "I dati sono stati modificati nel frattempo da un'altra scheda: controlla i dati come sono adesso e riprova."),
  linkNotGood: problem(409, "collegamento-non-valido", "Collegamento non valido", "Il collegamento non è valido, è scaduto o è già stato usato. Chiedine uno nuovo dalla pagina da cui avevi iniziato."),
  addressTaken: problem(409, "utenza-gia-attiva", "L'utenza è già attiva", "Con questo indirizzo e-mail esiste già un'utenza attiva: entra con la password che hai, oppure scegli «Password dimenticata»."),
  spentCode: problem(409, "tentativi-esauriti", "Tentativi esauriti", "Troppi codici errati: il codice non è più valido. Chiedine uno nuovo."),
  wrongLetterCode: problem(422, "codice-errato", "Codice errato", "Il codice inserito non è quello del messaggio. Controllalo e riprova.", { attempts_left: 4 }),
  wrongPassword: problem(403, "credenziali-errate", "Accesso non riuscito", "L'indirizzo e-mail o la password non sono corretti. Controllali e riprova, oppure scegli «Password dimenticata».", { human_check_required: false }),
  needsHumanCheck: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { human_check_required: true, errors: [{ field: "human_check", code: "verifica-richiesta", message: "Dopo più tentativi serve la verifica automatica, oppure un codice per e-mail." }] }),
  humanCheckOver: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "human_check", code: "verifica-scaduta", message: "La verifica è scaduta o è già stata usata: ripetila, oppure chiedi un nuovo codice per e-mail." }] }),
  commonPassword: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "password", code: "troppo-comune", message: "Questa password è troppo comune o contiene i tuoi dati: scegline una più difficile da indovinare, per esempio alcune parole a caso con un numero." }] }),
  otherNotice: problem(422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato.", { errors: [{ field: "privacy_version", code: "superata", message: "L'informativa sulla privacy è cambiata: leggi la versione nuova, accettala e riprova." }] }),
  tooManyLetters: problem(429, "troppe-richieste", "Troppe richieste", "Per questo indirizzo sono già partiti tre messaggi in quest'ora: usa il collegamento dell'ultimo arrivato. Vale anche se la richiesta non è partita da te.", { retry_after_s: 1800 }),
  wait: problem(429, "troppe-richieste", "Troppe richieste", "Attendi prima di chiedere un altro codice.", { retry_after_s: 50 }),
};
