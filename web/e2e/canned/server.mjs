// A tiny API of canned answers: routes by method and pattern, changed from test to test.

import { createServer } from "node:http";
import * as data from "./data.mjs";

/** What is answered when a test says nothing else. A function gets path parameters and body. */
export function ordinary() {
  return {
    "GET /api/session": data.sessions.employer,
    "POST /api/session/refresh": { expires: new Date(Date.now() + 600_000).toISOString() },
    "POST /api/session/sign-out": { status: 204 },
    "POST /api/applications/search": data.mixed,
    "GET /api/applications/readiness": (_, { query }) => data.readiness(query.get("model") === "c-stag-agricoltura" && query.get("campaign") === "df-2026" ? 12 : 0),
    "POST /api/armed-sends": data.armedSends(),
    "POST /api/armed-sends/cancellations": data.armedSends(false),
    "POST /api/applications": { status: 201, body: data.started() },
    "GET /api/applications/:id": data.inState.toComplete,
    "DELETE /api/applications/:id": { status: 204 },
    "GET /api/applications/:id/history": (_, { application }) => data.historyOf(application),
    "GET /api/applications/:id/communications": (_, { application }) => data.communicationsOf(application),
    "GET /api/applications/:id/documents": data.documents(),
    "GET /api/applications/:id/receipt": { status: 200, text: data.RECEIPT },
    "GET /api/applications/:id/draft": data.draft,
    "POST /api/applications/:id/activation": data.refusals.wrongCode,
    "POST /api/applications/:id/activation-codes": { status: 202, body: data.started() },
    "POST /api/applications/:id/block": data.blockView,
    "GET /api/communications": data.allCommunications,
    "GET /api/models/:schema": data.form,
    "GET /api/account": data.account,
    "PATCH /api/account": data.told.changed,
    "POST /api/account/membership/refusal": data.told.declined,
    "GET /api/account/export": data.exported(),
    "GET /api/account/closure": data.closure(),
    "POST /api/account/closure": data.closed(),
    "POST /api/session/sign-out-everywhere": { status: 204 },
    "GET /api/human-check": data.humanCheck,
    "POST /api/human-check/mail": { status: 202, body: data.told.codeMailed },
    "POST /api/accounts": () => ({ status: 202, body: data.told.registered() }),
    "POST /api/accounts/activation": data.told.activated,
    "POST /api/accounts/activation-codes": { status: 202, body: data.told.askedAgain },
    "POST /api/account/recovery": { status: 202, body: data.told.recovery },
    "POST /api/account/recovery/password": data.told.passwordChanged,
    "POST /api/account/email-confirmation": data.told.addressConfirmed,
    "POST /api/sign-in/password": () => ({ level: 1, expires: new Date(Date.now() + 600_000).toISOString() }),
  };
}

function fits(pattern, path) {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params = {};
  for (const [n, part] of wanted.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(given[n]);
    else if (part !== given[n]) return null;
  }
  return params;
}

const ONE = "GET /api/applications/:id";

/** Where one is shown alone: who filled it in and, of what was sent, the office. */
const FILED_BY = "da un operatore di un'organizzazione abilitata al portale";
const OFFICE = "Sportello Unico per l'Immigrazione di Foggia";

/** The application that these answers tell of; its number is that of the address, whatever number it was made with. */
function applicationOf(answers, id) {
  const given = answers[ONE];
  const answer = typeof given === "function" ? given({ id }) : given;
  return typeof answer !== "object" || typeof answer.status === "number" ? answer : { ...answer, id, office: answer.receipt_code ? OFFICE : null, filed_by: FILED_BY };
}

const fixedFirst = (a, b) => a.split(":").length - b.split(":").length;

/** Starts it. `use(changes)` sets the answers of a test; `asked` is what was asked since. `hang` never answers. */
export async function startCanned() {
  let answers = ordinary();
  const asked = [];
  const server = createServer((incoming, outgoing) => {
    const parts = [];
    incoming.on("data", (part) => parts.push(part));
    incoming.on("end", () => {
      const url = new URL(incoming.url, "http://canned");
      const text = Buffer.concat(parts).toString();
      const body = text ? JSON.parse(text) : null;
      asked.push({ method: incoming.method, path: url.pathname, body, headers: incoming.headers });
      for (const route of Object.keys(answers).sort(fixedFirst)) {
        const [method, pattern] = route.split(" ");
        const params = method === incoming.method ? fits(pattern, url.pathname) : null;
        if (params === null) continue;
        let answer = answers[route];
        if (route === ONE) answer = applicationOf(answers, params.id);
        if (typeof answer === "function") answer = answer(params, { application: applicationOf(answers, params.id),  query: url.searchParams, body, times: asked.filter((one) => one.path === url.pathname && one.method === method).length });
        if (answer === "hang") return;
        if (answer === "cut") {
          outgoing.destroy();
          return;
        }
        const { status, body: content, text: plain } = typeof answer.status === "number" ? answer : { status: 200, body: answer };
        outgoing.writeHead(status, { "content-type": status >= 400 ? "application/problem+json" : "application/json", "cache-control": "no-store" });
        outgoing.end(plain ?? (content === undefined ? undefined : JSON.stringify(content)));
        return;
      }
      outgoing.writeHead(404, { "content-type": "application/problem+json" });
      outgoing.end(JSON.stringify(data.refusals.notFound.body));
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked,
    use(changes = {}) {
      answers = { ...ordinary(), ...changes };
      asked.length = 0;
    },
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(done);
      }),
  };
}
