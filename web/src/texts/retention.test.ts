// For how long receipts can be found again: pages say what the decrees do, and what their privacy notices say.

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { texts as applications } from "./it/applications";
import { texts as armed } from "./it/armed";
import { sending } from "./it/sending";

const campaigns = new URL("../../../campaigns/", import.meta.url);
const decrees = readdirSync(campaigns).filter((name) => name.endsWith(".toml"));

it.each(decrees)("says of receipts what %s says", (name) => {
  const text = readFileSync(new URL(name, campaigns), "utf8");
  const years = Number(/\[retention\.cases\]\s+days = (\d+)/.exec(text)?.[1]) / 365;
  const kept = `per ${years} anni da quando la pratica è archiviata`;
  // The notice breaks its lines where it likes.
  expect(text.replaceAll(/\s*\\\n\s*/g, " ")).toContain(kept);
  for (const said of [applications.sent.lead, armed.sent.text, sending.progress.keep]) expect(said).toContain(kept);
});
