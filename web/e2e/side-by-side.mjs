// Runs files side by side, each in a process of its own: pages and people mostly wait. What failed is tried once more, alone,
// since a busy machine may be at fault, and said.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs `NAME.mjs` beside `here` for each name, `atOnce` at a time and those first that stand first; the process ends with 1 when
 * one is wrong.
 */
export async function sideBySide(here, names, atOnce) {
  const startedAt = performance.now();
  const seconds = (from = startedAt) => Math.round((performance.now() - from) / 1000);
  /** Runs one and prints what it said when it has ended; whether it went as it should. */
  const run = (name) =>
    new Promise((done) => {
      const said = [];
      const begunAt = performance.now();
      const child = spawn(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, here))], { stdio: ["ignore", "pipe", "pipe"] });
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => said.push(text));
      child.on("close", (code) => {
        process.stdout.write(Buffer.concat(said));
        console.log(`${name}: ${seconds(begunAt)} s`);
        done(code === 0);
      });
    });
  const waiting = [...names];
  const failed = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let name = waiting.shift(); name; name = waiting.shift()) if (!(await run(name))) failed.push(name);
    }),
  );
  const wrong = [];
  for (const name of failed) {
    console.log(`${name} failed; once more, alone`);
    if (!(await run(name))) wrong.push(name);
  }
  console.log(`${wrong.length === 0 ? "all as it should be" : `wrong: ${wrong.join(", ")}`}, ${seconds()} s`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
