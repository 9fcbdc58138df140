// An answer as it came, byte for byte: receipts are proofs.

import { Problem } from "./problem";
import { portalFetch } from "./transport";

/** The text at an address of the API. */
export async function rawText(url: string, signal?: AbortSignal): Promise<string> {
  let answer: Response;
  try {
    answer = await portalFetch(url, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw error;
    throw Problem.network();
  }
  if (answer.ok) return answer.text();
  const data: unknown = await answer.json().catch(() => null);
  throw Problem.of(answer.status, data, answer.headers);
}
