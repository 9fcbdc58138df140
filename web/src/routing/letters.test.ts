// What letters promise is here: the pages that their links lead to, and the buttons that they name. The domain's source and the
// templates of send-notices are read as text.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pages, pageOf, shownAt, STILL_TO_COME } from "./pages";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const letters = read("shared/domain/src/letter.rs");
const notices = read("shared/domain/src/notice.rs");

/** The text of a Rust item from its head to the bracket that ends it. */
function item(source: string, head: RegExp): string {
  const from = source.search(head);
  expect(from, `${head} is in letter.rs`).toBeGreaterThanOrEqual(0);
  let depth = 0;
  for (let n = source.indexOf("{", from); n < source.length; n += 1) {
    if (source[n] === "{") depth += 1;
    if (source[n] === "}") depth -= 1;
    if (depth === 0) return source.slice(from, n + 1);
  }
  throw new Error(`${head} does not end`);
}

/** The codes of an enum that `coded!` makes. */
const codesOf = (name: string) => [...item(letters, new RegExp(`pub enum ${name} as`)).matchAll(/^\s+\w+ = "([^"]+)"/gm)].map(([, code]) => code ?? "");

/** Every text of the pages. */
function allTexts(): string {
  const folder = new URL("../texts/", import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
}

describe("letters about no application", () => {
  it("link only to pages that are there and that open without a session", () => {
    const linked = [...item(letters, /pub const fn page\(self\)/).matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path ?? "");
    // One page for each purpose: a match that grew another way of saying it would be found here.
    expect(linked).toHaveLength(codesOf("LinkPurpose").length);
    for (const path of linked) {
      const found = pageOf(path);
      expect(found, `${path} has a page`).not.toBeNull();
      expect(found?.entry.access, `${path} is open to who is not signed in`).toBe("public");
      // An address of its own, not the variable part of another page.
      expect(Object.keys(pages), path).toContain(path);
    }
  });

  it("name only buttons and links that pages have", () => {
    const texts = allTexts();
    const named = codesOf("LetterKind").flatMap((kind) =>
      [...read(`functions/send-notices/mails/${kind}.body.txt`).matchAll(/"([^"]+)"/g)].map(([, words]) => `${kind}: ${words ?? ""}`),
    );
    expect(named).toContain("operator-enabled: Non lavoro per questo ente");
    expect(named).toContain("account-exists: Password dimenticata");
    const missing = named.filter((one) => !texts.includes(`"${one.split(": ")[1]}"`));
    // «Associa pratica» has its service in the API and no page yet.
    expect(missing.filter((one) => one !== "link-undone: Associa pratica")).toEqual([]);
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
});
