// The beginning of an application while it is typed: kept in this tab at each change, with the key that makes a repeated
// request the same application. Pure but for the storage.

import type { StartRequest } from "../../api/generated";

/** What is typed, and the key under which it is sent. */
export interface Wizard {
  key: string;
  campaign: string;
  model: string;
  /** The version of the privacy notice that was read; empty before. */
  privacyVersion: string;
  kind: "" | "natural" | "legal";
  register: "" | "yes" | "no";
  applicant: string;
  company: string;
}

const STORE = "portal-start";

/** Nothing typed, with a new key. */
export function emptyWizard(): Wizard {
  return { key: crypto.randomUUID(), campaign: "", model: "", privacyVersion: "", kind: "", register: "", applicant: "", company: "" };
}

/** What this tab kept. */
export function keptWizard(): Wizard {
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "null") as Partial<Wizard> | null;
    if (kept && typeof kept.key === "string") return { ...emptyWizard(), ...kept };
  } catch {
    // Not ours, or no storage: begin anew.
  }
  return emptyWizard();
}

/** Keeps it, or forgets it once it was answered. */
export function keepWizard(wizard: Wizard | null): void {
  try {
    if (wizard) sessionStorage.setItem(STORE, JSON.stringify(wizard));
    else sessionStorage.removeItem(STORE);
  } catch {
    // Without storage a reload forgets it.
  }
}

/** What the model and the person are asked. */
export interface Asked {
  /** Natural or legal person. */
  kind: boolean;
  /** The code of whom one represents; one's own is known. */
  applicant: boolean;
}

/** The questions that are open: each with the field that answers it. */
export type Question = "kind" | "register" | "applicant" | "company";

/** The questions of the preliminary checks, in order. */
export function questions(wizard: Wizard, asked: Asked): Question[] {
  const isNatural = asked.kind && wizard.kind === "natural";
  const company: Question[] = isNatural || (asked.kind && wizard.kind === "") ? [] : ["register", "company"];
  const [register, code] = company;
  return [...(asked.kind ? (["kind"] as const) : []), ...(register ? [register] : []), ...(asked.applicant ? (["applicant"] as const) : []), ...(code ? [code] : [])];
}

/** Those without an answer. */
export function unanswered(wizard: Wizard, asked: Asked): Question[] {
  return questions(wizard, asked).filter((question) => wizard[question].trim() === "");
}

/** The request; nothing that is not asked travels. */
export function requestOf(wizard: Wizard, asked: Asked): StartRequest {
  const open = questions(wizard, asked);
  return {
    campaign: wizard.campaign,
    model: wizard.model,
    privacy_ack: true,
    privacy_version: wizard.privacyVersion,
    ...(open.includes("kind") && wizard.kind !== "" ? { applicant_kind: wizard.kind } : {}),
    ...(open.includes("register") ? { ri_registered: wizard.register === "yes" } : {}),
    ...(open.includes("applicant") ? { applicant_fiscal_code: wizard.applicant.trim() } : {}),
    ...(open.includes("company") ? { company_fiscal_code: wizard.company.trim() } : {}),
  };
}

/** The API's name of a field → ours, where a mistake belongs to a question. */
export const FIELDS: Partial<Record<string, Question>> = {
  applicant_kind: "kind",
  ri_registered: "register",
  applicant_fiscal_code: "applicant",
  company_fiscal_code: "company",
};
