import { describe, expect, it } from "vitest";
import type { ApplicationView, ArmedOutcomeView } from "../api/generated";
import { after, atOpening, rowsAfter, rowsBefore, told } from "./rows";

const OPENING = "2026-01-12T09:00:00.000+01:00";
const view = (id: string, more: Partial<ApplicationView> = {}) => ({ id, worker: `Lavoratore ${id}`, employer: null, allowed: [], ...more }) as unknown as ApplicationView;
const may = (action: string, closed: string | null = null) => ({ allowed: [{ action, label: action, closed }] });
const outcome = (application: string, what: ArmedOutcomeView["outcome"], detail?: string): ArmedOutcomeView => ({
  application,
  outcome: what,
  ...(detail ? { problem: { type: "/problemi/x", title: "x", detail } } : {}),
});
const states = (rows: ReadonlyMap<string, { state: string }>) => Object.fromEntries([...rows].map(([id, { state }]) => [id, state]));

const before = () => rowsBefore([view("pronta", may("arm")), view("altra", may("arm"))], [view("prenotata", may("disarm"))]);

describe("the page of armed sends", () => {
  it("lists what may be armed and what is armed, and nothing of what only others may arm", () => {
    const rows = rowsBefore([view("mia", may("arm")), view("di un collega", may("read-form")), view("chiusa", may("arm", "Si apre lunedì."))], [view("prenotata", may("disarm")), view("di altri", may("read-form"))]);
    expect(states(rows)).toEqual({ mia: "ready", prenotata: "armed", "di altri": "armed" });
    expect(rows.get("prenotata")?.canChange).toBe(true);
    expect(rows.get("di altri")?.canChange).toBe(false);
  });
  it("shows one outcome each: armed by this press or by another tab, or as before with the reason", () => {
    const rows = after(before(), [outcome("pronta", "armed"), outcome("altra", "not-ready", "La domanda non è pronta: guarda nel riepilogo che cosa manca.")]);
    expect(states(rows)).toEqual({ pronta: "armed", altra: "ready", prenotata: "armed" });
    expect(rows.get("altra")?.refused).toBe("La domanda non è pronta: guarda nel riepilogo che cosa manca.");
    expect(after(before(), [outcome("pronta", "already-armed")]).get("pronta")?.state).toBe("armed");
    expect(after(rows, [outcome("altra", "armed")]).get("altra")?.refused).toBeNull();
  });
  it("shows what is disarmed as ready again, also when another tab was quicker", () => {
    expect(after(before(), [outcome("prenotata", "disarmed")]).get("prenotata")?.state).toBe("ready");
    expect(after(before(), [outcome("prenotata", "not-armed")]).get("prenotata")?.state).toBe("ready");
    expect(after(before(), [outcome("prenotata", "arrived", "L'apertura è avvenuta.")]).get("prenotata")).toMatchObject({ state: "armed", refused: "L'apertura è avvenuta." });
  });
  it("counts what got what was wished", () => {
    const outcomes = [outcome("a", "armed"), outcome("b", "already-armed"), outcome("c", "closed")];
    expect(told("arm", outcomes)).toEqual({ done: 2, refused: 1 });
    expect(told("disarm", [outcome("a", "disarmed"), outcome("b", "not-armed"), outcome("c", "arrived")])).toEqual({ done: 2, refused: 1 });
  });
  it("keeps at the opening what is armed, and lets nobody disarm it any more", () => {
    const rows = atOpening(before());
    expect(states(rows)).toEqual({ prenotata: "armed" });
    expect(rows.get("prenotata")?.canChange).toBe(false);
  });
  it("finds after the opening the receipts of what was armed, and not of what was pressed by hand", () => {
    const sent = [
      view("prenotata", { arrival: "2026-01-12T09:00:41.000+01:00", receipt_code: "RIC-1" }),
      view("da un altro computer", { arrival: "2026-01-12T08:00:00.000Z", receipt_code: "RIC-2" }),
      view("premuta", { arrival: "2026-01-12T09:00:00.001+01:00", receipt_code: "RIC-3" }),
    ];
    const rows = rowsAfter(before(), [view("ancora in corso")], sent, OPENING);
    expect(states(rows)).toEqual({ prenotata: "sent", "ancora in corso": "armed", "da un altro computer": "sent" });
    expect(rows.get("prenotata")?.receiptCode).toBe("RIC-1");
  });
  it("keeps what stood there as armed until its receipt is there: the list may be late", () => {
    expect(states(rowsAfter(before(), [], [], OPENING))).toEqual({ prenotata: "armed" });
  });
});
