// Every journey. `node e2e/people/all.mjs [words of a file's name]` runs some of them.

import { sideBySide } from "../side-by-side.mjs";

/** The portal and its emulator work beside them. */
const AT_ONCE = 2;

/** Those that take longest begin first. */
const JOURNEYS = [
  "armed-send", "many-drafts", "main-job", "click-day", "session-ends", "asleep", "answers", "own-data", "shared-pc", "late-inps",
  "lost-line", "refused-start", "two-tabs", "bad-line", "failed-pec", "wrong-codes", "new-application", "family", "too-late",
  "refused-sign-in",
];

const wanted = process.argv.slice(2);
await sideBySide(import.meta.url, JOURNEYS.filter((one) => wanted.length === 0 || wanted.some((word) => one.includes(word))), AT_ONCE);
