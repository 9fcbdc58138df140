// The signed receipt of an application, byte for byte as the API gives it.

import { rawText } from "../api/raw";
import { texts } from "../texts/it/applications";
import { saveFile } from "./save-file";

/** What a receipt certifies, of what pages show. */
export interface Certified {
  code: string;
  application: string;
  model: string;
  digest: string;
  arrival: string;
}

/** The document's text. */
export function readReceipt(id: string, signal?: AbortSignal): Promise<string> {
  return rawText(`/api/applications/${encodeURIComponent(id)}/receipt`, signal);
}

/** What stands in it. */
export function certified(document: string): Certified {
  return (JSON.parse(document) as { receipt: Certified }).receipt;
}

/** Hands it to the downloads under its code. */
export function saveReceipt(document: string): void {
  saveFile(texts.receipt.file(certified(document).code), new Blob([document], { type: "application/json" }));
}
