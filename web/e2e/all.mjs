// Every page and state with canned answers: what it shows, does and weighs, and what axe says of it.

import { sideBySide } from "./side-by-side.mjs";

/** Two at a time leave a quarter of two processors idle. */
const AT_ONCE = 3;

/** Those that take longest begin first. */
await sideBySide(import.meta.url, ["private", "fill-in", "armed", "sending", "account", "public"], AT_ONCE);
