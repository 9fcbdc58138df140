import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SessionView } from "../api/generated";
import { menuOf } from "./services";

/** Whoever has these services, as the domain calls them. */
const entriesOf = (codes: readonly string[], why: string | null = null) =>
  menuOf({ services: codes.map((service) => ({ service, label: `API: ${service}`, available: why === null, why })) } as unknown as SessionView);

describe("the entries of who is signed in", () => {
  it("are the services that have a page; what is done once stands in the area alone", () => {
    const entries = entriesOf(["home", "applications", "personal-data", "link-account", "close-account", "sign-out"]);
    expect(entries.map(({ href }) => href)).toEqual(["/area", "/domande", "/utenza/dati", "/utenza/esporta", "/utenza/chiusura"]);
    expect(entries.filter(({ isInMenu }) => isInMenu).map(({ href }) => href)).toEqual(["/area", "/domande", "/utenza/dati"]);
  });
  it("are closed together with their service", () => {
    expect(entriesOf(["personal-data"], "Entra con SPID o CIE.").map(({ why }) => why)).toEqual(["Entra con SPID o CIE.", "Entra con SPID o CIE."]);
  });
  it("have the names that the privacy notices promise in the personal area", () => {
    const campaigns = new URL("../../../campaigns/", import.meta.url);
    const labels = entriesOf(["personal-data", "close-account"]).map(({ label }) => label);
    const notices = readdirSync(campaigns).filter((name) => name.endsWith(".toml"));
    expect(notices.length).toBeGreaterThan(1);
    for (const name of notices) {
      const rights = /^rights = """\n([^]*?)"""/m.exec(readFileSync(new URL(name, campaigns), "utf8"))?.[1] ?? "";
      const named = [...rights.matchAll(/"([^"]+)"/g)].map(([, words]) => words);
      expect(named, name).toEqual(["Esporta i miei dati"]);
      for (const words of named) expect(labels, name).toContain(words);
    }
  });
});
