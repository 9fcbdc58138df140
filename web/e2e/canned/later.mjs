// Canned applications in the states after the sending in which something is asked, decided or held up, and in a section that
// is closed, each with what happened to it. Labels of terms, events and reasons are those of shared/domain.

import { inState } from "./data.mjs";

const HOUR = 3600_000;
const action = (code, label) => ({ action: code, label });
const READING = [action("read-form", "Visualizza i dati"), action("download-receipt", "Scarica ricevuta"), action("read-history", "Storico"), action("read-communications", "Comunicazioni")];

const rome = (instant, format) => new Intl.DateTimeFormat("it-IT", { timeZone: "Europe/Rome", ...format }).format(instant);

/** The next midnight of Rome after so many days. */
function midnight(days) {
  const [day, month, year] = rome(Date.now() + (days + 1) * 24 * HOUR, { day: "2-digit", month: "2-digit", year: "numeric" }).split("/");
  const ends = ["+01:00", "+02:00"].map((offset) => Date.parse(`${year}-${month}-${day}T00:00:00${offset}`));
  return ends.find((end) => rome(end, { hour: "2-digit", hourCycle: "h23" }) === "00");
}

/** A term as the API tells it: at midnight «le ore 24:00 di» the day that ends, else the day and the hour. */
function term(kind, label, who_acts, end) {
  const time = rome(end, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const isMidnight = time === "00:00:00";
  const day = rome(isMidnight ? end - 1 : end, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).replace(" 1 ", " 1º ");
  return { kind, label, who_acts, starts_at: ago(72), ends_at: new Date(end).toISOString(), ends_in_words: isMidnight ? `le ore 24:00 di ${day}` : `${day}, ore ${time}`, ms_left: Math.max(0, end - Date.now()) };
}

const ago = (hours) => new Date(Date.now() - hours * HOUR).toISOString();

const sent = (n, state, state_label, changes) => ({ ...inState.submitted(), id: inState.submitted().id.slice(0, -2) + n, state, state_label, attention: null, ...changes, allowed: [...(changes.allowed ?? []), ...READING] });

/** One of each. */
export const later = {
  integration: () =>
    sent("30", "integration-requested", "Integrazione richiesta", {
      allowed: [action("provide-integration", "Trasmetti integrazione"), action("withdraw", "Ritira domanda")],
      term: term("integration", "integrazione dei documenti", "applicant", midnight(12)),
    }),
  refusalAnnounced: () =>
    sent("31", "refusal-announced", "Preavviso di rigetto", {
      allowed: [action("object", "Presenta osservazioni"), action("withdraw", "Ritira domanda")],
      term: term("preavviso", "osservazioni al preavviso di rigetto", "applicant", midnight(8)),
    }),
  refused: () => sent("32", "refused", "Rigettata", { term: term("archiving", "archiviazione", "portal", midnight(170)) }),
  granted: () =>
    sent("33", "granted", "Nulla osta rilasciato", {
      allowed: [action("book-appointment", "Prenota appuntamento"), action("withdraw", "Ritira domanda")],
      term: term("nulla-osta-validity", "validità del nulla osta", "applicant", midnight(176)),
    }),
  renouncing: () =>
    sent("34", "renouncing", "Rinuncia annullabile", {
      allowed: [action("undo-renunciation", "Annulla rinuncia")],
      term: term("renounce-undo", "annullamento della rinuncia", "applicant", Date.now() + HOUR / 2),
    }),
  renounced: () => sent("35", "renounced", "Rinunciata", { term: term("archiving", "archiviazione", "portal", midnight(170)) }),
  onHold: () =>
    sent("36", "expired-to-verify", "Scaduta, da verificare", {
      term: term("verification", "verifica della mancata conferma", "office", midnight(25)),
      hold: {
        code: "confirmation-without-receipt",
        text: "Il termine per rispondere è passato, ma non risulta ancora la ricevuta di consegna della PEC che ti chiedeva la conferma. Per questo il nulla osta non viene revocato automaticamente: decide un funzionario dello Sportello Unico. Che cosa fare: se la PEC non ti è arrivata o non hai potuto rispondere, scrivi per PEC allo Sportello Unico e spiega che cosa è successo.",
      },
    }),
  /** Names are not shown where the section cannot be read. */
  closedSection: () => ({
    ...inState.toComplete(), worker: null, employer: null, percent: null, missing: [],
    allowed: [action("read-history", "Storico"), action("read-communications", "Comunicazioni")],
    closed: "In questo momento la sezione è chiusa e non è consultabile. Sarà possibile consultare le domande da martedì 9 dicembre 2025, ore 00:00:00.",
    reopens: "2025-12-09T00:00:00.000+01:00",
  }),
};

const event = (name, to, text, at, who_label) => ({ event: name, to, text, at, who: who_label === "Tu" ? "you" : "office", who_label, digest: null });
const EVENTS = {
  begun: event("start", "to-validate", "Verifiche preliminari superate: domanda creata e codice di attivazione inviato per PEC al datore di lavoro.", "2026-01-05T10:12:00.000+01:00", "Tu"),
  verified: event("verify-code", "to-complete", "Codice di attivazione verificato: la compilazione è aperta.", "2026-01-05T11:02:00.000+01:00", "Tu"),
  complete: event("complete", "to-send", "Tutti i dati necessari sono presenti: la domanda è pronta per l'invio.", "2026-01-09T18:30:00.000+01:00", "Tu"),
  submitted: event("submit", "submitted", "Domanda inviata: la ricevuta è disponibile.", "2026-01-12T09:00:00.120+01:00", "Tu"),
  taken: event("take-charge", "in-review", "Domanda presa in carico dallo Sportello Unico.", ago(480), "Lo Sportello Unico"),
  integration: event("request-integration", "integration-requested", "Lo Sportello Unico ha richiesto un'integrazione dei documenti.", ago(72), "Lo Sportello Unico"),
  refusalAnnounced: event("announce-refusal", "refusal-announced", "Preavviso di rigetto inviato: il datore di lavoro può presentare osservazioni.", ago(400), "Lo Sportello Unico"),
  refused: event("refuse", "refused", "Domanda rigettata: la motivazione è nelle comunicazioni.", ago(72), "Lo Sportello Unico"),
  granted: event("grant", "granted", "Nulla osta rilasciato.", ago(400), "Lo Sportello Unico"),
  asked: event("report-checks", "awaiting-confirmation", "Accertamenti consolari conclusi: al datore di lavoro è chiesto di confermare la richiesta.", ago(360), "Il sistema consolare"),
  renouncing: event("renounce", "renouncing", "Rinuncia comunicata: può essere annullata entro 60 minuti.", ago(0.5), "Tu"),
  renounced: event("complete-renunciation", "renounced", "Rinuncia divenuta definitiva.", ago(0.1), "Il portale"),
  expired: event("expire", "expired-to-verify", "Termine di conferma scaduto senza risposta: la pratica è da verificare.", ago(72), "Il portale"),
};
const DRAFT = ["begun", "verified"];
const REVIEW = [...DRAFT, "complete", "submitted", "taken"];
const ANSWER = [...REVIEW, "granted", "asked"];
const WAYS = {
  integration: [...REVIEW, "integration"],
  refusalAnnounced: [...REVIEW, "refusalAnnounced"],
  refused: [...REVIEW, "refusalAnnounced", "refused"],
  granted: [...REVIEW, "granted"],
  renouncing: [...ANSWER, "renouncing"],
  renounced: [...ANSWER, "renouncing", "renounced"],
  onHold: [...ANSWER, "expired"],
  closedSection: DRAFT,
};

/** What is answered about one of them: itself, and what happened to it; nothing was sent but what its state says. */
export function answersOf(name) {
  const events = WAYS[name].map((way, n) => ({ version: n + 1, from: n === 0 ? null : EVENTS[WAYS[name][n - 1]].to, ...EVENTS[way] }));
  return { "GET /api/applications/:id": later[name], "GET /api/applications/:id/history": { events }, "GET /api/applications/:id/communications": { communications: [], term: later[name]().term, hold: later[name]().hold, allowed: [] } };
}
