// Every journey, two side by side, each in a process of its own: people mostly wait for letters and openings. What failed is
// tried once more, alone, since a busy machine may be at fault, and said. `node e2e/people/all.mjs [words of a file's name]`.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Those that take longest begin first. */
const JOURNEYS = [
  "many-drafts", "main-job", "click-day", "session-ends", "asleep", "answers", "shared-pc", "late-inps", "lost-line",
  "refused-start", "two-tabs", "bad-line", "failed-pec", "wrong-codes", "new-application", "family", "too-late",
  "refused-sign-in",
];
const SIDE_BY_SIDE = 2;

const wanted = process.argv.slice(2);
const startedAt = performance.now();
const seconds = () => Math.round((performance.now() - startedAt) / 1000);

/** Runs one and prints what it said when it has ended; whether it went as it should. */
function run(name) {
  return new Promise((done) => {
    const said = [];
    const child = spawn(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => said.push(text));
    child.on("close", (code) => {
      process.stdout.write(Buffer.concat(said));
      done(code === 0);
    });
  });
}

const waiting = JOURNEYS.filter((one) => wanted.length === 0 || wanted.some((word) => one.includes(word)));
const failed = [];
await Promise.all(
  Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) if (!(await run(name))) failed.push(name);
  }),
);
const wrong = [];
for (const name of failed) {
  console.log(`${name} failed after ${seconds()} s; once more, alone`);
  if (!(await run(name))) wrong.push(name);
}
console.log(`${wrong.length === 0 ? "all as it should be" : `wrong: ${wrong.join(", ")}`}, ${seconds()} s`);
process.exitCode = wrong.length === 0 ? 0 : 1;
