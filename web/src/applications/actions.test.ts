import { describe, expect, it } from "vitest";
import { answersWithoutPage, doings, laterSending, nextStep, waitings, waitsForAnswer } from "./actions";

const of = (...allowed: { action: string; label: string; closed?: string; opens_at?: string }[]) => ({ id: "app_1", campaign: "df-2026", model: "b2020", allowed });

describe("actions", () => {
  it("are links to pages that exist, the next step first; what has no page is no link", () => {
    const row = of(
      { action: "delete", label: "Elimina" },
      { action: "book-appointment", label: "Prenota appuntamento" },
      { action: "ask-new-code", label: "Richiedi un nuovo codice" },
      { action: "verify-code", label: "Verifica codice" },
    );
    expect(doings(row)).toEqual([
      { action: "verify-code", label: "Verifica codice", href: "/domande/app_1/codice" },
      { action: "delete", label: "Elimina", href: "/domande/app_1/elimina" },
    ]);
    expect(nextStep(row)?.href).toBe("/domande/app_1/codice");
    expect(nextStep(of({ action: "delete", label: "Elimina" }))).toBeNull();
  });
  it("lead what is ready or armed to the page of armed sends, where this one is chosen; arming comes before changing answers", () => {
    const ready = of({ action: "submit", label: "Invia", closed: "Si apre lunedì." }, { action: "save", label: "Salva" }, { action: "arm", label: "Prenota invio" });
    const href = "/invio/df-2026/b2020/prenotato?domanda=app_1";
    expect(nextStep(ready)).toEqual({ action: "arm", label: "Prenota invio", href });
    const armed = of({ action: "delete", label: "Elimina" }, { action: "disarm", label: "Annulla invio prenotato" });
    expect(nextStep(armed)).toBeNull();
    expect(doings(armed)).toContainEqual({ action: "disarm", label: "Annulla invio prenotato", href });
  });
  it("are a sentence while the calendar keeps them closed", () => {
    const row = of({ action: "verify-code", label: "Verifica codice", closed: "Si apre lunedì.", opens_at: "2026-01-12T09:00:00+01:00" });
    expect(doings(row)).toEqual([]);
    expect(waitings(row)).toEqual([{ action: "verify-code", sentence: "Si apre lunedì.", opensAt: "2026-01-12T09:00:00+01:00" }]);
  });
  it("of a complete application that waits for its opening change it, and do not fill it in", () => {
    const save = { action: "save", label: "Salva" };
    expect(nextStep(of(save))?.label).toBe("Compila");
    expect(nextStep(of({ action: "submit", label: "Invia", closed: "Si apre lunedì." }, save))?.label).toBe("Modifica le risposte");
    // Complete, and kept back by another application for the same worker.
    expect(nextStep({ ...of(save), percent: 100 })?.label).toBe("Modifica le risposte");
  });
  it("lead what is complete to its sending, where an opening is still to come", () => {
    const save = { action: "save", label: "Salva" };
    const submit = { action: "submit", label: "Invia", closed: "Si apre lunedì." };
    expect(laterSending(of({ ...submit, opens_at: "2026-01-12T09:00:00+01:00" }, save))).toEqual({ sentence: "Si apre lunedì.", href: "/invio/df-2026/b2020" });
    expect(laterSending(of({ ...submit, closed: "Il periodo previsto è terminato." }, save))).toBeNull();
    expect(laterSending(of(save))).toBeNull();
  });
  it("ask nothing of somebody who has renounced", () => {
    expect(nextStep(of({ action: "undo-renunciation", label: "Annulla rinuncia" }))).toBeNull();
  });
  it("name the answers that these pages cannot give yet", () => {
    const asked = of({ action: "confirm", label: "Conferma" }, { action: "renounce", label: "Rinuncia" }, { action: "save", label: "Salva" });
    expect(answersWithoutPage(asked)).toEqual(["Conferma", "rinuncia"]);
  });
  it("tell that an answer is waited for, also to who may not give it as signed in, but nothing that is only good until a day", () => {
    const term = (kind: string) => ({ kind, label: "l", who_acts: "applicant", starts_at: "", ends_at: "", ends_in_words: "", ms_left: 1 });
    const confirm = { action: "confirm", label: "Conferma" };
    expect(waitsForAnswer({ ...of(confirm), state: "awaiting-confirmation", term: term("confirmation") })).toBe(true);
    expect(waitsForAnswer({ ...of(), state: "awaiting-confirmation", term: term("confirmation") })).toBe(true);
    expect(waitsForAnswer({ ...of(), state: "granted", term: term("nulla-osta-validity") })).toBe(false);
    expect(waitsForAnswer({ ...of({ action: "undo-renunciation", label: "Annulla rinuncia" }), state: "renouncing", term: term("renounce-undo") })).toBe(false);
    expect(waitsForAnswer({ ...of({ action: "save", label: "Salva" }), state: "to-complete", term: null })).toBe(false);
  });
});
