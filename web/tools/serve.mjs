// Serves dist as the edge does: a file if there is one, the written page of a path, else app.html; the strict policy; API and
// facts from PORTAL, or facts from a folder (FACTS), with which the regions of the pages are filled. `npm run preview`. For trying and for tests, never for the public.

import { createServer, request as ask } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { fill } from "./fill.mjs";
import { always, ofDocuments } from "./policy.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

async function isFile(path) {
  return stat(path).then((found) => found.isFile(), () => false);
}

async function fileOf(dist, path) {
  const inside = normalize(path);
  if (inside.includes("..")) return null;
  if (await isFile(join(dist, inside))) return join(dist, inside);
  if (extname(inside)) return null;
  const written = join(dist, inside, "index.html");
  return (await isFile(written)) ? written : join(dist, "app.html");
}

function passOn(portal, incoming, outgoing) {
  const target = new URL(incoming.url, portal);
  const sent = { ...incoming.headers, host: target.host };
  if (sent.origin === `http://${incoming.headers.host}`) sent.origin = target.origin;
  const onward = ask(target, { method: incoming.method, headers: sent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on("error", () => outgoing.writeHead(502).end());
  incoming.pipe(onward);
}

/** Compressed files whose name has their content's hash. */
const compressed = new Map();

function compress(path, bytes, isHashed) {
  const known = compressed.get(path);
  if (known) return known;
  const body = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  if (isHashed) compressed.set(path, body);
  return body;
}

function send(outgoing, incoming, status, path, bytes, more = {}) {
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  const isHashed = path.includes("/assets/");
  const isCompressed = /text|json|svg/.test(type) && (incoming.headers["accept-encoding"] ?? "").includes("br");
  const body = isCompressed ? compress(path, bytes, isHashed) : bytes;
  outgoing.writeHead(status, {
    ...always,
    ...(type.startsWith("text/html") ? ofDocuments() : {}),
    ...more,
    "content-type": type,
    "content-length": body.length,
    ...(isCompressed ? { "content-encoding": "br", vary: "accept-encoding" } : {}),
    "cache-control": isHashed ? "public, max-age=31536000, immutable" : "public, max-age=60",
  });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

async function json(folder, name) {
  return readFile(join(folder, name), "utf8").then(JSON.parse, () => undefined);
}

/** The page as it stands in the bucket after publish-facts. */
async function filled(html, file, dist, facts) {
  const [calendar, status, notices, documents, templates] = await Promise.all([
    json(facts, "calendar.json"),
    json(facts, "status.json"),
    json(facts, "notices.json"),
    json(facts, "documents.json"),
    json(dist, "templates/facts.json"),
  ]);
  const own = calendar?.campaigns.find((campaign) => campaign.current && campaign.privacy);
  const privacy = own && (await json(facts, own.privacy.url.slice("/facts/".length)));
  return fill(html.toString(), relative(dist, file), templates, { calendar, status, notices, documents, privacy });
}

/** Serves; gives the address and how to stop. `facts` is a folder, `portal` an address; either may be absent. */
export async function serve({ port = 0, dist = join(here, "dist"), facts = null, portal = null } = {}) {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const { pathname } = new URL(incoming.url, "http://localhost");
      const path = decodeURIComponent(pathname);
      if (path.startsWith("/facts/") && facts) {
        const file = join(facts, normalize(path.slice("/facts".length)));
        if (await isFile(file)) send(outgoing, incoming, 200, file, await readFile(file), { "x-clock-ms": Date.now() });
        else outgoing.writeHead(404).end();
        return;
      }
      if (/^\/(api|facts|posta)(\/|$)/.test(path)) {
        if (portal) passOn(portal, incoming, outgoing);
        else outgoing.writeHead(404, { "content-type": "application/json" }).end('{"message":"Not Found"}');
        return;
      }
      const file = await fileOf(dist, path);
      if (file?.endsWith("index.html") && facts) {
        send(outgoing, incoming, 200, file, Buffer.from(await filled(await readFile(file), file, dist, facts)));
      } else if (file) send(outgoing, incoming, 200, file, await readFile(file));
      else outgoing.writeHead(404).end();
    } catch (error) {
      console.error(error);
      if (!outgoing.headersSent) outgoing.writeHead(400);
      outgoing.end();
    }
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((done) => server.close(done)) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await serve({
    port: Number(process.env.PORT ?? 4173),
    facts: process.env.FACTS ?? null,
    portal: process.env.PORTAL ?? "http://127.0.0.1:13101",
  });
  console.log(`The built site: ${url}`);
}
