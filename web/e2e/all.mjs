// Every page and state with canned answers: what it shows, does and weighs, and what axe says of it.

import { sideBySide } from "./side-by-side.mjs";

/** Those that take longest begin first. */
await sideBySide(import.meta.url, ["private", "account", "armed", "fill-in", "sending", "public"]);
