// What letters promise is here: the pages that their links lead to, and the buttons that they name. The domain's source and the
// templates of send-notices are read as text.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { answersWithoutPage, doings } from "../applications/actions";
import { pages, pageOf, shownAt, STILL_TO_COME } from "./pages";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const letters = read("shared/domain/src/letter.rs");
const notices = read("shared/domain/src/notice.rs");

/** The text of a Rust item from its head to the bracket that ends it. */
function item(source: string, head: RegExp): string {
  const from = source.search(head);
  expect(from, `${head} is in the source`).toBeGreaterThanOrEqual(0);
  let depth = 0;
  for (let n = source.indexOf("{", from); n < source.length; n += 1) {
    if (source[n] === "{") depth += 1;
    if (source[n] === "}") depth -= 1;
    if (depth === 0) return source.slice(from, n + 1);
  }
  throw new Error(`${head} does not end`);
}

/** The codes of an enum that `coded!` makes, by their labels. */
const labelsOf = (source: string, name: string) =>
  new Map([...item(source, new RegExp(`pub enum ${name} as`)).matchAll(/^\s+\w+ = "([^"]+)", "([^"]+)";/gm)].map(([, code, label]) => [label ?? "", code ?? ""] as const));
const codesOf = (source: string, name: string) => [...labelsOf(source, name).values()];

/** The text of a letter or notice, and what it names between quotes. */
const bodyOf = (kind: string) => read(`functions/send-notices/mails/${kind}.body.txt`);
const namedIn = (kind: string) => [...bodyOf(kind).matchAll(/"([^"]+)"/g)].map(([, words]) => ({ kind, words: words ?? "" }));

/** Every text of the pages; people read «Help desk» and «Help Desk» as the same. */
function allTexts(): string {
  const folder = new URL("../texts/", import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n")
    .toLowerCase();
}
const texts = allTexts();
const isOnPages = (words: string) => texts.includes(`"${words.toLowerCase()}"`);

describe("letters about no application", () => {
  it("link only to pages that are there and that open without a session", () => {
    const linked = [...item(letters, /pub const fn page\(self\)/).matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path ?? "");
    // One page for each purpose: a match that grew another way of saying it would be found here.
    expect(linked).toHaveLength(codesOf(letters, "LinkPurpose").length);
    for (const path of linked) {
      const found = pageOf(path);
      expect(found, `${path} has a page`).not.toBeNull();
      expect(found?.entry.access, `${path} is open to who is not signed in`).toBe("public");
      // An address of its own, not the variable part of another page.
      expect(Object.keys(pages), path).toContain(path);
    }
  });

  it("name only buttons and links that pages have", () => {
    const named = codesOf(letters, "LetterKind").flatMap(namedIn);
    expect(named).toContainEqual({ kind: "operator-enabled", words: "Non lavoro per questo ente" });
    expect(named).toContainEqual({ kind: "account-exists", words: "Password dimenticata" });
    expect(named.filter(({ words }) => !isOnPages(words))).toEqual([]);
  });
});

describe("notices about an application", () => {
  const ends = [...item(notices, /pub const fn page\(self\)/).matchAll(/"(\/[^"]*)"/g)].map(([, end]) => end ?? "");

  it("link to a page that is there, or to the case while its page is still to come", () => {
    expect(ends.length).toBeGreaterThan(8);
    for (const end of ends) {
      const path = `/domande/app_01040g2081040g2081040g2081${end}`;
      expect(shownAt(path)?.params.id, path).toBe("app_01040g2081040g2081040g2081");
      // Nothing is still to come that is there.
      expect(pageOf(path) === null, path).toBe(STILL_TO_COME.some((one) => `/${one}` === end));
    }
    expect(STILL_TO_COME.filter((one) => !ends.includes(`/${one}`))).toEqual([]);
    expect(shownAt("/domande/app_01040g2081040g2081040g2081/altro")).toBeNull();
  });

  it("name only buttons that pages have; while a page is still to come, the notice leads to the case, which says whom to write to", () => {
    const actions = labelsOf(read("shared/domain/src/permission.rs"), "Action");
    const states = [...labelsOf(read("shared/domain/src/lifecycle.rs"), "State").keys()].map((label) => label.toLowerCase());
    // What a reminder asks for is written where the terms are told apart.
    const reminded = [...item(read("functions/send-notices/src/letter.rs"), /pub const fn deed\(/).matchAll(/\\"([^"\\]+)\\"/g)];
    const named = [
      ...codesOf(notices, "NoticeKind").flatMap(namedIn),
      ...reminded.map(([, words]) => ({ kind: "term-reminder", words: words ?? "" })),
    ];
    expect(named).toContainEqual({ kind: "confirmation-request", words: "Rinuncia" });
    expect(named).toContainEqual({ kind: "term-reminder", words: "Annulla rinuncia" });
    const missing = named.filter(({ kind, words }) => {
      const action = actions.get(words);
      if (action === undefined) return !isOnPages(words) && !states.includes(words.toLowerCase());
      // The API calls an action as the notice does, and the page of the case shows that name.
      const row = { id: "app_1", campaign: "df-2026", model: "b2020", allowed: [{ action, label: words }] };
      if (doings(row).length > 0) return false;
      // The one exemption, STILL_TO_COME: the case names the answer and whom to write to until its page is there.
      const body = bodyOf(kind);
      return !answersWithoutPage(row).includes(words) || !body.includes("{case}") || !body.includes("Che cosa fare adesso");
    });
    expect(missing).toEqual([]);
  });
});
