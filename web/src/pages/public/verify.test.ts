import { describe, expect, it, vi } from "vitest";
import published from "../../../e2e/facts/receipt-keys.json";
import { verify } from "./verify";

// The document of the domain's own test `the_form_of_a_receipt_never_changes`: both sides must agree on it.
const RECEIPT =
  '{"receipt":{"v":1,"code":"RIC-0W3G-E1R7-0W3G-E1R7-PJ","application":"app_01040g2081040g2081040g2081","campaign":"df-2026","campaign_version":3,"model":"c-stag-agricoltura","digest":"abababababababababababababababababababababababababababababababab","arrival":"2026-01-12T08:00:00.120Z","key_id":"d2576f104a4a4707"},"signature":"OLUCxXYrHIRQ-UzV8_Iw_Wo4F9GVGGvugPD6MzhuMTeRvkyasWiZdJ6zUghumWHUz_vwuaSAMgpFLr6wF4McBg"}';
const { keys } = published;

const stateOf = async (document: string, with_ = keys) => (await verify(document, with_)).state;

describe("a receipt", () => {
  it("is authentic as the portal wrote it, also with space around it", async () => {
    const verdict = await verify(`\ufeff\n${RECEIPT}\r\n`, keys);
    expect(verdict.state === "authentic" && verdict.receipt.code).toBe("RIC-0W3G-E1R7-0W3G-E1R7-PJ");
  });

  it("is authentic for browsers without Ed25519, too", async () => {
    const importKey = vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new DOMException("no", "NotSupportedError"));
    expect(await stateOf(RECEIPT)).toBe("authentic");
    expect(await stateOf(RECEIPT.replace("08:00:00.120Z", "08:00:00.119Z"))).toBe("altered");
    importKey.mockRestore();
  });

  it("is altered by any changed character", async () => {
    for (let n = 0; n < RECEIPT.length; n += 1) {
      const changed = RECEIPT.slice(0, n) + (RECEIPT[n] === "0" ? "1" : "0") + RECEIPT.slice(n + 1);
      expect(await stateOf(changed), String(n)).not.toBe("authentic");
    }
  });

  it("has one form: other spaces, order or members are no receipt of ours", async () => {
    expect(await stateOf(JSON.stringify(JSON.parse(RECEIPT), null, 2))).toBe("altered");
    expect(await stateOf(RECEIPT.replace('{"v":1,', '{"v":1,"v":1,'))).toBe("altered");
    expect(await stateOf(RECEIPT.replace(',"signature"', ',"note":"","signature"'))).toBe("altered");
  });

  it("of another portal, or with a key that is not its id's, has an unknown key", async () => {
    expect(await stateOf(RECEIPT, [])).toBe("unknown-key");
    const other = keys.find((key) => key.key_id !== "d2576f104a4a4707");
    const forged = keys.map((key) => (key.key_id === "d2576f104a4a4707" && other ? { ...key, public_key: other.public_key } : key));
    expect(await stateOf(RECEIPT, forged)).toBe("unknown-key");
  });

  it("is something else than a shopping list", async () => {
    for (const text of ["", "latte, pane", "{}", "[1]", "null"]) expect(await stateOf(text)).toBe("not-a-receipt");
  });
});
