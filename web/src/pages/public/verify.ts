// Checks a receipt's document with the published keys, in the browser and offline once the keys are here (SUB-4).

import type { ReceiptKey } from "../../facts/facts";

/** What a receipt certifies. */
export interface Receipt {
  v: number;
  code: string;
  application: string;
  campaign: string;
  campaign_version: number;
  model: string;
  digest: string;
  arrival: string;
  key_id: string;
}

/** What the check found. */
export type Verdict = { state: "authentic"; receipt: Receipt } | { state: "altered" | "unknown-key" | "not-a-receipt" };

// In the one order in which the portal writes them: any other order is another text than the signed one.
const MEMBERS = ["v", "code", "application", "campaign", "campaign_version", "model", "digest", "arrival", "key_id"];
const NUMBERS = ["v", "campaign_version"];

/** Cuts the signed text out of the document, byte for byte. */
function parts(document: string): { signed: string; receipt: Receipt; signature: Uint8Array<ArrayBuffer> } | null {
  const [, signed, signature] = /^\{"receipt":(\{[^{}]*\}),"signature":"([A-Za-z0-9_-]{86})"\}$/.exec(document) ?? [];
  if (!signed || !signature) return null;
  try {
    const receipt = JSON.parse(signed) as Record<string, unknown>;
    const isWhole =
      Object.keys(receipt).join() === MEMBERS.join() &&
      MEMBERS.every((name) => typeof receipt[name] === (NUMBERS.includes(name) ? "number" : "string")) &&
      receipt["v"] === 1;
    // What it reads must be all that was signed: a doubled member would show one value and sign two.
    if (!isWhole || JSON.stringify(receipt) !== signed) return null;
    return { signed, receipt: receipt as unknown as Receipt, signature: bytes(signature) };
  } catch {
    return null;
  }
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Whether an Ed25519 signature is that of a key over a message (RFC 8032). */
export async function ed25519Fits(signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, message);
  } catch {
    // Older browsers do not know Ed25519.
    const { verifyAsync } = await import("@noble/ed25519");
    return verifyAsync(signature, message, key, { zip215: false });
  }
}

async function keyIdOf(key: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", key));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Says whether a document is a receipt of the portal. Space around it is no change: files and pasted texts gain some. */
export async function verify(document: string, keys: readonly ReceiptKey[]): Promise<Verdict> {
  const found = parts(document.replace(/^\ufeff/, "").trim());
  if (!found) return { state: looksLikeOne(document) ? "altered" : "not-a-receipt" };
  const { signed, receipt, signature } = found;
  const key = keys.find((one) => one.key_id === receipt.key_id && one.campaign === receipt.campaign);
  if (!key) return { state: "unknown-key" };
  const publicKey = bytes(key.public_key);
  // A key file that was tampered with: the id is the key's own digest.
  if ((await keyIdOf(publicKey)) !== key.key_id) return { state: "unknown-key" };
  const message = new TextEncoder().encode(`receipt v1\n${signed}`);
  return (await ed25519Fits(signature, message, publicKey)) ? { state: "authentic", receipt } : { state: "altered" };
}

// A receipt that was reformatted or changed is worth another word than a shopping list.
function looksLikeOne(document: string): boolean {
  return /"receipt"\s*:/.test(document) && /"signature"\s*:/.test(document);
}
