// What no person can make by waiting: a decree whose sending opens in a minute, drafts of an operator, a mailbox that is full.
// The seed's own program makes them (DEMO is its path; without it cargo runs it); each call publishes a decree of its own.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A decree of the demo with `--opens-in 60s`, `--drafts 3`, `--full-mailboxes 1`; gives its name. */
export async function decree(...wanted) {
  const [program, words] = process.env.DEMO ? [process.env.DEMO, wanted] : ["cargo", ["xtask", "demo", ...wanted]];
  const { stdout } = await promisify(execFile)(program, words, { cwd: root });
  return /Decreto ([a-z0-9-]+):/.exec(stdout)[1];
}
