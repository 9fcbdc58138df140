// The two routes of armed sends by hand, out of functions/arm-application/src/view.rs and ADR 42. Once `npm run client` has
// them out of docs/openapi.json, this file goes, and its importers take `api` like everybody.

import * as oazapfts from "@oazapfts/runtime";
import type { ProblemInShort, Totals } from "../api/generated";
import type { CallOptions } from "../api/client";
import { portalFetch } from "../api/transport";

/** Which applications are to be armed, or no longer to be. */
export interface ArmedSendsRequest {
  campaign: string;
  model: string;
  /** From one to a hundred. */
  applications: string[];
}

/** What became of one application. */
export interface ArmedOutcome {
  application: string;
  outcome: "armed" | "already-armed" | "disarmed" | "not-armed" | "not-ready" | "already-sent" | "closed" | "arrived" | "not-found" | "not-allowed" | "unavailable";
  armed_at?: string;
  problem?: ProblemInShort;
}

/** What became of each. */
export interface ArmedSendsAnswer {
  arrival: string;
  /** The opening at which all that is armed now arrives; absent where none is to come. */
  opens_at?: string;
  outcomes: ArmedOutcome[];
  remaining: number;
  message?: string;
}

/** The readiness counts what is armed beside what can be sent. */
export type ArmedTotals = Totals & { armed?: number; disarmable?: number };

const client = oazapfts.runtime({ baseUrl: "/", fetch: portalFetch });

function post(path: string) {
  return (body: ArmedSendsRequest, options: CallOptions) =>
    client.fetchJson<{ status: 200; data: ArmedSendsAnswer }>(path, client.json({ ...options, method: "POST", body }));
}

/** «Prenota invio». */
export const armApplications = post("/api/armed-sends");
/** «Annulla invio prenotato». */
export const disarmApplications = post("/api/armed-sends/cancellations");
