// Builds the site into dist: hashed assets, the public pages as whole HTML, app.html for all others, the templates with
// which publish-facts fills its regions, and the sizes of what was built. Contract: docs/adr/0036.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "vite";

const here = fileURLToPath(new URL("..", import.meta.url));
process.chdir(here);
// What production tells people has no default: the portal's domain and the address of its help.
for (const name of ["PORTAL_DOMAIN", "PORTAL_HELP"]) {
  if (process.env.PORTAL_ENVIRONMENT === "production" && !process.env[name]) throw new Error(`${name} is needed for production`);
}
const dist = join(here, "dist");
const server = join(here, ".local/prerender");

await build({ logLevel: "warn" });
await build({ logLevel: "warn", build: { ssr: "src/prerender.tsx", outDir: server, emptyOutDir: true, manifest: false, copyPublicDir: false } });

const { paths, write, writeFallback, factTemplates } = await import(pathToFileURL(join(server, "prerender.js")).href);
const frame = readFileSync(join(dist, "index.html"), "utf8");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
rmSync(join(dist, ".vite"), { recursive: true });

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
// The upright text faces are needed at once; the others come when a page asks for them.
const preloads = Object.values(manifest)
  .map((chunk) => chunk.file)
  .filter((file) => /titillium-web-latin-(400|600|700)-normal.*\.woff2$/.test(file))
  .map((file) => `<link rel="preload" href="/${file}" as="font" type="font/woff2" crossorigin>`)
  .join("");

function page({ title, body }, path) {
  return frame
    .replace("<html lang=\"it\">", path === null ? "<html lang=\"it\">" : `<html lang="it" data-page="${path}">`)
    .replace(/<title>.*<\/title>/, () => `<title>${escaped(title)}</title>${preloads}`)
    .replace("<div id=\"app\"></div>", () => `<div id="app">${body}</div>`);
}

function put(file, text) {
  mkdirSync(dirname(join(dist, file)), { recursive: true });
  writeFileSync(join(dist, file), text);
}

for (const path of paths()) {
  const written = page(await write(path), path);
  // The strict policy admits no inline style or script; an attribute would be dropped in silence.
  if (/\sstyle="|<script>|<style/.test(written)) throw new Error(`${path} holds an inline style or script`);
  put(path === "/" ? "index.html" : `${path.slice(1)}/index.html`, written);
}
// CloudFront is told which addresses have a file of their own (template.yaml, PageAddresses): one list, held here.
const told = /var WRITTEN = (\[.*?\]);/.exec(readFileSync(join(here, "../template.yaml"), "utf8"));
const list = told ? JSON.parse(told[1].replaceAll("'", '"')) : [];
if (JSON.stringify([...list].sort()) !== JSON.stringify([...paths()].sort())) {
  throw new Error(`template.yaml names other written pages (PageAddresses): ${JSON.stringify(paths())}`);
}
put("app.html", page(writeFallback(), null));
put("templates/facts.json", `${JSON.stringify(factTemplates(), null, 1)}\n`);

// Sizes as a browser gets them: compressed texts, fonts as they are.
const wire = (file) => {
  const bytes = readFileSync(join(dist, file));
  if (/\.(woff2|png)$/.test(file)) return bytes.length;
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
};
const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const assets = readdirSync(join(dist, "assets")).map((name) => `assets/${name}`);
const firstHtml = readFileSync(join(dist, "index.html"), "utf8");
const home = manifest["src/pages/public/home.tsx"];
const needed = new Set([...firstHtml.matchAll(/\/(assets\/[^"#]+)/g)].map(([, file]) => file));
const follow = (key) => {
  const chunk = manifest[key];
  if (!chunk || needed.has(`done ${key}`)) return;
  needed.add(`done ${key}`);
  needed.add(chunk.file);
  for (const css of chunk.css ?? []) needed.add(css);
  for (const next of chunk.imports ?? []) follow(next);
};
if (home) follow("src/pages/public/home.tsx");
const files = [...needed].filter((name) => !name.startsWith("done "));
const first = wire("index.html") + files.reduce((sum, file) => sum + wire(file), 0);
console.log(`first load (/): ${kilo(first)} in ${files.length + 1} files, facts and headers not counted (limit 100 kB)`);
for (const file of ["index.html", ...files]) console.log(`  ${kilo(wire(file)).padStart(9)}  ${file}`);
const largest = assets.filter((file) => file.endsWith(".js") && !needed.has(file)).sort((a, b) => wire(b) - wire(a));
console.log(`largest route chunks (limit 25 kB):`);
for (const file of largest.slice(0, 5)) console.log(`  ${kilo(wire(file)).padStart(9)}  ${file}`);
if (first > 95_000 || (largest[0] && wire(largest[0]) > 25_000)) {
  console.error("The site is larger than its budget (spec: first load 100 kB on the wire, of which 5 are left to facts and headers).");
  process.exitCode = 1;
}
