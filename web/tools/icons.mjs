// Cuts the icons that the pages use out of bootstrap-italia's sprite (94 kB) into src/styles/icons.svg.
// With --check it only says whether that file is up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const source = readFileSync(here("node_modules/bootstrap-italia/dist/svg/sprites.svg"), "utf8");
const names = readFileSync(here("src/components/icon.tsx"), "utf8")
  .match(/ICONS = \[([^\]]+)\]/)[1]
  .match(/"[a-z0-9-]+"/g)
  .map((quoted) => quoted.slice(1, -1));

const symbols = names.map((name) => {
  const found = new RegExp(`<(symbol|svg)[^>]*id="it-${name}"[\\s\\S]*?</\\1>`).exec(source);
  if (!found) throw new Error(`bootstrap-italia has no icon it-${name}`);
  const [, tag] = found;
  return found[0]
    .replace(new RegExp(`^<${tag}`), "<symbol")
    .replace(new RegExp(`</${tag}>$`), "</symbol>")
    .replace(/ (style|xmlns|class|xml:space|version)="[^"]*"/g, "");
});
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;

if (process.argv.includes("--check")) {
  if (sprite !== readFileSync(here("src/styles/icons.svg"), "utf8")) {
    console.error("src/styles/icons.svg lacks an icon or has one too many: run `npm run icons`.");
    process.exitCode = 1;
  }
} else {
  writeFileSync(here("src/styles/icons.svg"), sprite);
}
