import { describe, expect, it } from "vitest";
import vectors from "../../../../docs/log-vectors.json";
import { prove, type Read } from "./log";
import type { Receipt } from "./verify";

// The vectors that the domain and the checker in Python are held to: both sides must agree on them.
const keys = [{ campaign: "df-2026", vkey: vectors.vkey }];
const files: Record<string, string> = vectors.files;
const receipts = vectors.receipts.map((one) => ({ number: one.number, receipt: { v: 1, campaign_version: 1, key_id: "", ...one.receipt } as Receipt }));
const [first] = receipts;
const LATER = Date.parse("2026-03-01T00:00:00Z");

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The log of the vectors, with some files in another form, or absent. */
function log(changed: Record<string, Uint8Array<ArrayBuffer> | null> = {}): Read {
  return (path) => {
    if (path in changed) return Promise.resolve(changed[path] ?? null);
    if (path === "checkpoint") return Promise.resolve(new TextEncoder().encode(vectors.checkpoint));
    return Promise.resolve(path in files ? bytes(files[path] ?? "") : null);
  };
}

function flipped(path: string, at: number): Uint8Array<ArrayBuffer> {
  const content = bytes(files[path] ?? "");
  content[at] = (content[at] ?? 0) ^ 1;
  return content;
}

const note = (text: string) => ({ checkpoint: new TextEncoder().encode(text) });

describe("a receipt in the public log", () => {
  it("is proven from the files and the signed head alone", async () => {
    for (const { number, receipt } of receipts) expect(await prove(receipt, keys, log(), LATER)).toEqual({ state: "proven", size: 258, number });
  });

  it("is not there yet for a day, and missing after it", async () => {
    const other = { ...first!.receipt, code: "RIC-0000-0000-0000-0000-00" };
    const arrival = Date.parse(other.arrival);
    expect(await prove(other, keys, log(), arrival + 24 * 3600 * 1000 - 1)).toEqual({ state: "not-yet" });
    expect(await prove(other, keys, log(), arrival + 24 * 3600 * 1000)).toEqual({ state: "missing" });
  });

  it("is not found where its entry was changed, and not proven where a hash was", async () => {
    const entry = flipped("tile/entries/000", 60);
    expect((await prove(first!.receipt, keys, log({ "tile/entries/000": entry }), LATER)).state).not.toBe("proven");
    for (const [path, at] of [["tile/0/000", 32 * 7], ["tile/0/001.p/2", 3], ["tile/1/000.p/1", 3]] as const) {
      const { receipt } = path === "tile/1/000.p/1" ? receipts[3]! : first!;
      expect(await prove(receipt, keys, log({ [path]: flipped(path, at) }), LATER), path).toEqual({ state: "broken" });
    }
    expect(await prove(first!.receipt, keys, log({ "tile/0/000": new Uint8Array(31) }), LATER)).toEqual({ state: "broken" });
  });

  it("needs a head that a key of its campaign signed", async () => {
    const { receipt } = first!;
    for (const text of [vectors.checkpoint.replace("\n258\n", "\n257\n"), vectors.checkpoint.replaceAll("df-2026", "df-2027"), vectors.checkpoint.replace("— ", "- "), "nothing of ours", ""])
      expect(await prove(receipt, keys, log(note(text)), LATER), text).toEqual({ state: "broken" });
    expect(await prove(receipt, [], log(), LATER)).toEqual({ state: "broken" });
    expect(await prove(receipt, [{ campaign: "df-2027", vkey: vectors.vkey }], log(), LATER)).toEqual({ state: "broken" });
    expect(await prove({ ...receipt, campaign: "df-2027" }, keys, log(), LATER)).toEqual({ state: "broken" });
  });

  it("says nothing while files cannot be read", async () => {
    for (const path of ["checkpoint", "tile/entries/000", "tile/0/000"])
      expect(await prove(first!.receipt, keys, log({ [path]: null }), LATER), path).toEqual({ state: "unreachable" });
  });
});
