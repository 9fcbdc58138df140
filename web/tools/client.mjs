// Writes src/api/generated.ts from the API's own description; with --check it only says whether that file is up to date.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const target = here("src/api/generated.ts");

const folder = mkdtempSync(join(tmpdir(), "portal-client-"));
try {
  const fresh = join(folder, "generated.ts");
  const run = spawnSync(
    process.execPath,
    [here("node_modules/oazapfts/dist/cli.js"), here("../docs/openapi.json"), fresh],
    { encoding: "utf8" },
  );
  if (run.status !== 0) throw new Error(run.stderr || run.stdout);
  const text = readFileSync(fresh, "utf8");
  if (process.argv.includes("--check")) {
    if (text !== readFileSync(target, "utf8")) {
      console.error("src/api/generated.ts is not what docs/openapi.json describes: run `npm run client`.");
      process.exitCode = 1;
    }
  } else {
    writeFileSync(target, text);
  }
} finally {
  rmSync(folder, { recursive: true });
}
