// A portal with one draft, for trying the pages of «Compila» alone: the real models of the form engine's fixtures, saves that
// are kept, refused, contested or lost as a test wants. It judges nothing: the server's own judgement is tested elsewhere.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const fixture = (name) => JSON.parse(readFileSync(new URL(`../src/form/fixtures/${name}.json`, import.meta.url), "utf8"));
const AT = "2026-11-28T12:23:00.000+01:00";
const CLOSED = "Non è più possibile modificare le domande: il periodo previsto è terminato.";

const models = fixture("models");
const drafts = fixture("drafts");

function served(id) {
  const schema = { ...models.schemas.find((each) => each.id === id) };
  for (const kind of ["sections", "fields", "rules"]) schema[kind] = schema[kind].map((place) => models.lines[place]);
  const tables = Object.fromEntries(models.tables.map((table) => [table.name, table]));
  return { schema, tables };
}

/**
 * Starts it. `refuse`, `conflicts` and `isDown` decide over the next saves; `saves` holds what was sent. `verdict` is what
 * becomes of the next files (`accepted`, `awaited` or a list of reasons), `attempts` how many more may be sent, `putStatus`
 * what the bucket answers, `holdPut` keeps it waiting, `until` is when permissions end; `files` holds what was asked for.
 * `armed` is `open` while an armed send can be undone, `late` afterwards; `over` closes the window for saving: `untold` refuses
 * a save, `told` says so in the draft, too; `percent` is how far the draft is.
 */
export async function startDraftServer(schemaId = "c-stag-agricoltura@1") {
  const model = served(schemaId);
  const { base } = drafts.models[schemaId];
  const values = {};
  for (const field of model.schema.fields) {
    const [kind, names = ""] = field.source.split(":");
    if (kind === "hand" || kind === "derived" || kind === "upload" || !(field.key in base)) continue;
    const [registry] = names.split("|");
    if (registry === "inps") continue;
    values[field.key] = { value: base[field.key], source: registry ? `registry:${registry}` : kind, at: AT };
  }
  const portal = { values, base, model, saves: [], refuse: {}, conflicts: {}, isDown: false, version: 1, stop: null, url: "", verdict: "accepted", attempts: 10, putStatus: 200, holdPut: null, uploads: [], files: [], until: AT, armed: null, over: null, percent: 61 };
  const state = () => {
    if (portal.armed) return { state: "armed", state_label: "Da inviare (invio prenotato)" };
    return portal.percent === 100 ? { state: "to-send", state_label: "Da inviare" } : { state: "to-complete", state_label: "Da completare" };
  };
  const actions = () => {
    if (portal.armed === "open") return [{ action: "disarm", label: "Annulla invio prenotato" }];
    return portal.armed ? [] : [{ action: "save", label: "Salva", ...(portal.over === "told" ? { closed: CLOSED } : {}) }];
  };
  const view = () => ({
    id: "app_1", campaign: "2026", model: schemaId.split("@")[0], schema: schemaId, ...state(),
    version: portal.version, attention: null, values, versions: {}, percent: portal.percent,
    sections: [], errors: [], remarks: [],
    registries: [{ task: "facts:inps:later", status: "waiting", attempts: 1, next_at: null, text: "Non ha ancora risposto: l'INPS." }],
    notes: [], actions: actions(),
  });
  const problem = (status, type, detail, more = {}) => [status, { type: `https://portale/problemi/${type}`, title: detail, status, detail, request_id: "req-1", ...more }];
  const save = ({ changes, save: isExplicit }) => {
    portal.saves.push({ fields: changes.map(({ field }) => field), isExplicit });
    if (portal.isDown) return problem(503, "non-disponibile", "Il portale non risponde.");
    if (portal.over) return problem(409, "finestra-non-aperta", CLOSED);
    const errors = changes.filter(({ field }) => portal.refuse[field]).map(({ field }) => ({ field, code: "x", message: portal.refuse[field] }));
    if (errors.length > 0 && errors.length === changes.length) return problem(422, "campi-errati", "Alcuni campi sono errati.", { errors });
    const conflicts = changes
      .filter(({ field, base: before }) => field in portal.conflicts && before !== portal.conflicts[field])
      .map(({ field, value, base: before }) => ({ field, yours: value, theirs: portal.conflicts[field], base: before ?? null, by: "colleague", at: "2026-11-28T12:30:00.000+01:00" }));
    if (conflicts.length > 0) return problem(409, "conflitto", "Qualcun altro ha cambiato gli stessi campi.", { conflicts });
    for (const { field, value } of changes) {
      if (portal.refuse[field]) continue;
      if (value === null) delete values[field];
      else values[field] = { value, source: "person", at: AT };
    }
    portal.version += 1;
    return [200, { ...view(), ...(errors.length > 0 ? { refused: errors } : {}) }];
  };
  const uploadView = ({ id, body, isSent, asked }) => {
    const verdict = isSent ? portal.verdict : "awaited";
    const refusals = Array.isArray(verdict) ? verdict.map((text) => ({ code: "x", text })) : [];
    const state = Array.isArray(verdict) ? "refused" : verdict;
    const field = body.purpose.replace("field:", "");
    if (state === "accepted") values[field] = { value: { bytes: body.bytes, media_type: body.media_type, sha256: body.sha256, upload: id }, source: "upload", at: AT };
    const message = state === "refused" ? "Il file non fa parte della domanda: leggi i motivi e che cosa fare." : "Il file non è ancora arrivato, oppure la verifica è in corso.";
    return { upload: id, purpose: body.purpose, label: model.schema.fields.find(({ key }) => key === field).label, state, message, refusals, not_checked: [], asked, until: portal.until, bytes: body.bytes, sha256: body.sha256 };
  };
  const askUpload = (body) => {
    if (portal.isDown) return problem(503, "non-disponibile", "Il portale non risponde.");
    portal.files.push(body);
    const id = `upl_${String(portal.files.length).padStart(26, "0")}`;
    portal.uploads.unshift({ id, body, isSent: false, asked: AT });
    return [201, { upload: id, url: `/api/bucket/${id}`, headers: [{ name: "content-type", value: body.media_type }], until: portal.until }];
  };
  const uploadList = () => ({
    uploads: portal.uploads.map(uploadView),
    open: model.schema.fields.filter(({ type }) => type.kind === "file").map(({ key, label, type }) => ({
      purpose: `field:${key}`, label, max_bytes: type.max_bytes, media_types: ["application/pdf"], limits: "PDF", attempts_left: portal.attempts,
    })),
  });
  const answer = (method, path, body) => {
    if (path === "/api/session") {
      return [200, { account: "acc_1", level: 2, role: "employer", profile: "private", given_name: "Anna", family_name: "Rossi", services: [], expires: "2026-11-28T13:00:00Z" }];
    }
    if (path === "/api/session/sign-out") return [204, null];
    if (path.startsWith("/api/models/")) return [200, model];
    if (path.endsWith("/draft/corrections")) return [202, { field: body.field, asked_again: true, message: "La richiesta è registrata." }];
    if (path === "/api/applications/app_1/draft") return method === "PATCH" ? save(body) : [200, view()];
    if (path === "/api/applications/app_1/uploads") return method === "POST" ? askUpload(body) : [200, uploadList()];
    const upload = portal.uploads.find(({ id }) => path.endsWith(id));
    if (upload && method === "GET") return [200, uploadView(upload)];
    return problem(404, "non-trovato", "Non c'è.");
  };
  const server = createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const bucket = /^\/api\/bucket\/(.+)$/.exec(incoming.url);
    if (bucket) {
      await portal.holdPut;
      const upload = portal.uploads.find(({ id }) => id === bucket[1]);
      upload.isSent = portal.putStatus === 200 && incoming.headers["content-type"] === upload.body.media_type && bytes.length === upload.body.bytes;
      outgoing.writeHead(upload.isSent ? 200 : portal.putStatus === 200 ? 403 : portal.putStatus).end();
      return;
    }
    const text = bytes.toString();
    const [status, data] = answer(incoming.method, new URL(incoming.url, "http://x").pathname, text ? JSON.parse(text) : null);
    outgoing.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" });
    outgoing.end(data === null ? "" : JSON.stringify(data));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  portal.url = `http://127.0.0.1:${server.address().port}`;
  portal.stop = () => new Promise((done) => server.close(done));
  return portal;
}
