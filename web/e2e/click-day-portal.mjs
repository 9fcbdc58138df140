// A tiny portal for the page of sending: a calendar whose openings are near, a list of applications, and a batch that stores
// each once and has the mishaps it is told to have. Time is the computer's, moved by `skew`. In a campaign of the order `armed` it
// also arms and disarms, and sends what is armed a minute after the opening.

import { createServer } from "node:http";
import * as data from "./canned/data.mjs";

const MINUTE = 60_000;
const MODEL = "c-stag-agricoltura";
const LABEL = "C-STAG - Domanda di verifica della sussistenza di una quota per lavoro subordinato stagionale - settore agricoltura";

const SURNAMES = ["Rossi", "Al-Farouk Benkhalifa", "Nguyễn", "Okonkwo-Adeyemi", "Singh", "Ștefănescu", "El Mansouri", "D'Amico"];
const NAMES = ["Maria", "Muhammad Abdul Rahman", "Thị Hương", "Chukwuemeka", "Gurpreet", "Ioana", "Fatima Zahra", "Ana"];

/** An identifier of the API's form. */
export const idOf = (campaign, n) => `app_${(campaign.replaceAll(/[^a-z0-9]/g, "") + "0".repeat(26)).slice(0, 20)}${String(n).padStart(6, "0")}`;

/** Those that the store takes where it takes half of a group. */
const isOfFirst = (id) => Number(id.slice(-6)) < 2;

const ARM = { action: "arm", label: "Prenota invio" };
const DISARM = { action: "disarm", label: "Annulla invio prenotato" };

function row(campaign, n) {
  return {
    id: idOf(campaign, n), campaign, model: MODEL, model_label: LABEL, schema: "x@1", state: "to-send", state_label: "Da inviare",
    worker: `${SURNAMES[n % 8]} ${NAMES[(n * 3) % 8]}`, employer: `Azienda Agricola ${SURNAMES[(n * 5) % 8]} S.r.l.`,
    percent: 100, missing: [], waiting_for: [], version: 3, created: "2026-01-02T10:00:00Z", changed: "2026-01-03T10:00:00Z",
    allowed: [{ action: "read-form", label: "Leggi" }, { action: "submit", label: "Invia domande" }],
  };
}

/**
 * Starts it. `campaigns` is `{ name: { opensIn, rows, closed, order, armed, stuck } }`: milliseconds from now, numbers of rows, how
 * many of them are armed from the beginning, and whether these are never sent.
 */
export async function startPortal(campaigns) {
  const portal = {
    skew: 0,
    /** Where time stands still. */
    stoppedAt: null,
    now: () => portal.stoppedAt ?? Date.now() + portal.skew,
    /** What was asked for: method, path, when, body. */
    asked: [],
    stored: new Map(),
    /** What becomes of the next batches. */
    mishaps: [],
    notReady: new Set(),
    armed: new Set(Object.entries(campaigns).flatMap(([name, { armed = 0 }]) => Array.from({ length: armed }, (_, n) => idOf(name, n)))),
    /** What becomes of the next requests that arm or disarm. */
    armMishaps: [],
    /** The pause that a 429 asks for, in seconds. */
    pauseS: 30,
    url: "",
    count: (path, method) => portal.asked.filter((one) => one.path === path && (!method || one.method === method)).length,
  };
  const startedAt = Date.now();
  const iso = (ms) => new Date(ms).toISOString();
  const openingOf = (name) => Math.ceil((startedAt + campaigns[name].opensIn) / 1000) * 1000;
  portal.openingOf = openingOf;
  const window = (name) =>
    campaigns[name].closed
      ? [{ from: iso(startedAt - 90 * MINUTE), until: iso(startedAt - 30 * MINUTE) }]
      : [{ from: iso(openingOf(name)), until: iso(startedAt + 300 * 24 * 60 * MINUTE) }];
  const calendar = () => ({
    v: 1,
    campaigns: Object.keys(campaigns).map((name) => ({
      campaign: name, version: 1, year: 2026, title: "Decreto Flussi 2026", law: "Prova", order: campaigns[name].order ?? "chronological", clock_offset_ms: 0, private_limit: 5, privacy: null, quotas: [], current: true,
      models: [{ id: MODEL, label: LABEL, source: "Art. 24", menu: [], can_be_filled_in: true, click_day: null, click_day_in_words: null, off_quota: null, start: [], edit: [], submit: window(name), read_closed: [] }],
    })),
  });
  const problem = (status, slug, detail, extra = {}) => [status, { type: `/problemi/${slug}`, title: detail.split(".")[0], status, detail, request_id: "prova-0000", ...extra }];

  const hasOpened = (name) => !campaigns[name].closed && portal.now() >= openingOf(name);
  const isArmable = (name) => campaigns[name].order === "armed" && !campaigns[name].closed && !hasOpened(name);

  /** As it stands now: ready, armed or sent. */
  function standing(name, n) {
    const now = row(name, n);
    const receipt = portal.stored.get(now.id);
    if (receipt) {
      const { code, arrival } = JSON.parse(receipt).receipt;
      return { ...now, state: "submitted", state_label: "Inviata", percent: null, receipt_code: code, arrival, allowed: [{ action: "read-form", label: "Leggi" }] };
    }
    if (portal.armed.has(now.id)) return { ...now, state: "armed", state_label: "Da inviare (invio prenotato)", allowed: hasOpened(name) ? [] : [DISARM] };
    const notYet = { closed: "L'invio di questo modello non è ancora aperto.", opens_at: iso(openingOf(name)) };
    return isArmable(name) ? { ...now, allowed: [...now.allowed.map((one) => (one.action === "submit" ? { ...one, ...notYet } : one)), ARM] } : now;
  }

  function sendArmed(name) {
    if (campaigns[name].stuck || !hasOpened(name) || portal.now() < openingOf(name) + MINUTE) return;
    for (const id of portal.armed) {
      if (!id.startsWith(idOf(name, 0).slice(0, 24))) continue;
      portal.armed.delete(id);
      store(id, `at2.${openingOf(name)}.${id}`);
    }
  }

  function arm({ campaign, applications }, isArming) {
    const mishap = portal.armMishaps.shift() ?? campaigns[campaign].armsAlways;
    if (mishap === "503") return problem(503, "servizio-non-disponibile", "L'archivio non risponde. Riprova tra qualche istante.");
    if (mishap === "429") return problem(429, "troppe-richieste", "Ci sono troppe richieste in questo momento. Riprova tra poco.", { retry_after_s: portal.pauseS });
    if (mishap === "500") return [500, { message: "Internal server error" }];
    if (mishap === "401") return problem(401, "sessione-assente", "Entra con SPID o CIE e riprova: i dati salvati sono al sicuro.");
    if (isArming && hasOpened(campaign)) return problem(409, "apertura-avvenuta", "La finestra è aperta dalle 09:00:00.000 di lunedì 12 gennaio 2026: non serve prenotare, premi Invia.");
    const refused = (application, outcome, kind, detail) => ({ application, outcome, problem: { type: `/problemi/${kind}`, title: detail.split(":")[0], detail } });
    const isTaken = (id) => mishap !== "half" || isOfFirst(id);
    const outcomes = applications.map((application) => {
      if (!isArming && hasOpened(campaign)) return refused(application, "arrived", "apertura-avvenuta", "L'apertura è avvenuta e la domanda risulta già arrivata: non si può più annullare. Dopo la ricevuta puoi ritirarla.");
      if (!isArming) return { application, outcome: portal.armed.delete(application) ? "disarmed" : "not-armed" };
      if (portal.notReady.has(application)) return refused(application, "not-ready", "stato-non-compatibile", "La domanda non è pronta: guarda nel riepilogo che cosa manca.");
      if (!isTaken(application)) return { application, outcome: "unavailable" };
      const outcome = portal.armed.has(application) ? "already-armed" : "armed";
      portal.armed.add(application);
      return { application, outcome, armed_at: iso(portal.now()) };
    });
    return [200, { arrival: iso(portal.now()), ...(hasOpened(campaign) ? {} : { opens_at: iso(openingOf(campaign)) }), outcomes, remaining: 0 }];
  }

  function readiness(campaign) {
    const rows = Array.from({ length: campaigns[campaign].rows }, (_, n) => standing(campaign, n).state);
    const count = (state) => rows.filter((one) => one === state).length;
    return [200, { totals: { applications: rows.length, ready: count("to-send"), sendable: count("to-send"), armed: count("armed"), disarmable: hasOpened(campaign) ? 0 : count("armed"), sent: count("submitted"), blocked_by: [] }, rows: [], next: null }];
  }

  /** The one of an identifier, as its page reads it. */
  function view(id) {
    const name = Object.keys(campaigns).find((one) => id.startsWith(idOf(one, 0).slice(0, 24)));
    return name ? [200, data.application({ ...standing(name, Number(id.slice(-6))), attention: null })] : problem(404, "non-trovata", "Non abbiamo trovato ciò che cerchi. Forse non esiste più, oppure appartiene a un'altra persona. Torna a «Riepilogo domande»: lì ci sono tutte le domande che puoi aprire.");
  }

  function search({ campaign = Object.keys(campaigns)[0], cursor, state, sent }) {
    const total = campaigns[campaign].rows;
    const from = Number(cursor ?? 0);
    if (campaigns[campaign].order === "armed") {
      sendArmed(campaign);
      if (total === "failing") return problem(403, "azione-non-consentita", "Il tuo profilo non può compiere questa azione. Controlla con quale profilo sei entrato.");
      const all = Array.from({ length: total }, (_, n) => standing(campaign, n)).filter((one) => (sent ? one.receipt_code : one.state === state));
      return [200, { applications: all.slice(from, from + 100), next: from + 100 < all.length ? String(from + 100) : null, message: null, counts: null }];
    }
    if (state !== "to-send") return problem(422, "campi-non-validi", "Stato sconosciuto.");
    if (total === "failing") return problem(403, "azione-non-consentita", "Il tuo profilo non può compiere questa azione. Controlla con quale profilo sei entrato.");
    const rows = Array.from({ length: total }, (_, n) => row(campaign, n)).filter(({ id }) => !portal.stored.has(id));
    const page = rows.slice(from, from + 100);
    return [200, { applications: page, next: from + 100 < rows.length ? String(from + 100) : null, message: null }];
  }

  function store(id, ticket, now) {
    if (portal.stored.has(id)) return { application: id, outcome: "already-sent", receipt: portal.stored.get(id) };
    if (portal.notReady.has(id)) {
      return { application: id, outcome: "not-ready", problem: { type: "/problemi/stato-non-compatibile", title: "Lo stato della domanda non lo consente", detail: "Un dato obbligatorio non c'è più: apri la domanda e completala." } };
    }
    if (!ticket && portal.armed.has(id)) {
      return { application: id, outcome: "armed", problem: { type: "/problemi/invio-prenotato", title: "L'invio è prenotato", detail: "La domanda risulta arrivata all'apertura e l'invio è in corso: la ricevuta arriva tra qualche minuto. Non occorre premere." } };
    }
    const arrival = ticket ? Number(ticket.split(".")[1]) : now;
    const code = `RN-${id.slice(-6)}`;
    const receipt = `{"receipt":{"v":1,"code":"${code}","application":"${id}","campaign":"prova","campaign_version":1,"model":"${MODEL}","digest":"${"0".repeat(64)}","arrival":"${iso(arrival)}","key_id":"0123456789abcdef"},"signature":"${"A".repeat(86)}"}`;
    portal.stored.set(id, receipt);
    return { application: id, outcome: "sent", receipt };
  }

  function submit({ campaign, applications, arrival_tickets = {} }, cut) {
    const now = portal.now();
    const mishap = campaigns[campaign].always ?? portal.mishaps.shift();
    const opensAt = openingOf(campaign);
    if (now < opensAt) return problem(409, "finestra-non-aperta", "L'invio non è ancora aperto.", { opens_at: iso(opensAt), now: iso(now), retry_after_ms: opensAt - now });
    if (mishap === "503-ticket") {
      const tickets = Object.fromEntries(applications.map((id) => [id, arrival_tickets[id] ?? `at2.${now}.${id}`]));
      return problem(503, "servizio-non-disponibile", "L'archivio non ha risposto.", { arrival: iso(now), arrival_tickets: tickets, ticket_until: iso(now + 2 * MINUTE) });
    }
    // Something before the portal answers, and no document.
    if (mishap === "500") return [500, { message: "Internal server error" }];
    // The arrival of those that the store does not take is kept.
    const isTaken = (id) => mishap !== "half" || isOfFirst(id);
    const kept = (id) => ({ application: id, outcome: "unavailable", problem: { type: "/problemi/servizio-non-disponibile", title: "Il servizio non è disponibile", detail: "L'archivio non ha risposto." }, arrival_ticket: arrival_tickets[id] ?? `at1.${now}.${id}`, ticket_until: iso(now + 2 * MINUTE) });
    const outcomes = applications.map((id) => (isTaken(id) ? store(id, arrival_tickets[id], now) : kept(id)));
    if (mishap === "cut-after-commit") return cut();
    return [200, { arrival: iso(now), outcomes, remaining: 0 }];
  }

  const server = createServer((incoming, outgoing) => {
    let text = "";
    incoming.on("data", (part) => (text += part));
    incoming.on("end", () => {
      const { pathname: path, searchParams: query } = new URL(incoming.url, "http://localhost");
      const [, one, of] = /^\/api\/applications\/(app_[^/]+)(\/.*)?$/.exec(path) ?? [];
      const body = text ? JSON.parse(text) : null;
      portal.asked.push({ method: incoming.method, path, at: portal.now(), body });
      const cut = () => {
        incoming.socket.destroy();
        return null;
      };
      const answers = {
        "/facts/calendar.json": () => [200, calendar()],
        "/api/session": () => [200, { account: "acc_prova", level: 2, role: "operator", profile: "organisation", given_name: "Ada", family_name: "Prova", services: [], expires: iso(portal.now() + 10 * MINUTE) }],
        "/api/session/refresh": () => [200, { expires: iso(portal.now() + 10 * MINUTE) }],
        "/api/applications/search": () => search(body),
        "/api/submissions/batch": () => submit(body, cut),
        "/api/armed-sends": () => arm(body, true),
        "/api/armed-sends/cancellations": () => arm(body, false),
        "/api/applications/readiness": () => readiness(query.get("campaign")),
        ...(one && { [path]: () => (of === undefined ? view(one) : [200, of === "/history" ? data.historyOf(view(one)[1]) : data.communicationsOf(view(one)[1])]) }),
      };
      const answer = answers[path]?.() ?? (path in answers ? null : [404, { message: "Not Found" }]);
      if (!answer) return;
      const [status, json] = answer;
      outgoing.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", "cache-control": "no-store", "x-clock-ms": Math.round(portal.now()) });
      outgoing.end(incoming.method === "HEAD" ? undefined : JSON.stringify(json));
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  portal.url = `http://127.0.0.1:${server.address().port}`;
  portal.stop = () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  return portal;
}

/** The page's address, and that of armed sends. */
export const pathOf = (campaign) => `/invio/${campaign}/${MODEL}`;
export const armedPathOf = (campaign) => `${pathOf(campaign)}/prenotato`;
