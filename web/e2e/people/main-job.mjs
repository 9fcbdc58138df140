// Scenario 1: an employer signs in, begins an application, gives the code from the PEC, answers everything by typing, adds a
// document, sends, and has the receipt verified. At 1280 without a mouse, and what is heard there is the stored text
// (`HEARD=write` stores it anew).

import { readFileSync } from "node:fs";
import { onPaper } from "../checks.mjs";
import { addDocument, answerAll, becomesReady, send } from "./form.mjs";
import { listening } from "./heard.mjs";
import { journey, newApplication, PORTAL, signIn, until } from "./people.mjs";
import { employer } from "./population.mjs";

const MODEL = process.env.MODEL ?? "c-stag-agricoltura";

await journey("main job", async (me) => {
  const { page, hands, look, reached } = me;
  const who = employer();
  const heard = await listening(me, who);
  await signIn(me, who);
  await page.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
  await heard("area");
  reached("signed in");
  const id = await newApplication(me, { model: MODEL, company: who.company, pec: who.pec, look: (where) => (where === "model" ? undefined : heard(where)) });
  await look("sections");
  reached("the form");
  await answerAll(me, MODEL, undefined, async (section) => {
    await look(section);
    if (section === "worker") await heard("worker");
    if (section !== "declarations") return;
    await addDocument(me);
    await look("document");
    await heard("declarations");
  });
  reached("all answered");
  await becomesReady(me);
  await look("review");
  reached("ready");

  await hands.press(page.getByRole("link", { name: "Compila la domanda", exact: true }));
  await page.locator(".task-list").waitFor();
  await heard("all sections");
  await hands.press(page.getByRole("link", { name: "Controlla la domanda" }));
  await hands.press(page.getByRole("link", { name: "Vai alla domanda" }));
  await send(me, id);
  await look("sent");
  await heard("sent");
  reached("sent");

  await hands.press(page.locator(`a[href="/domande/${id}/ricevuta"]`).first());
  await page.getByRole("heading", { name: "Ricevuta di invio", level: 1 }).waitFor();
  const download = page.waitForEvent("download");
  await hands.press(page.getByRole("button", { name: "Scarica ricevuta firmata", exact: true }));
  const receipt = readFileSync(await (await download).path());
  await page.getByRole("button", { name: "Scarica PDF" }).waitFor({ timeout: 300_000 });
  reached("PDF");
  await look("receipt");
  await heard("receipt");
  await onPaper(me, "receipt", ["Codice ricevuta", "Arrivo", "Impronta", "Stampato"]);
  await hands.press(page.getByRole("link", { name: "Verifica una ricevuta" }));
  await hands.give(page.locator("input[type=file]"), { name: "ricevuta.json", mimeType: "application/json", buffer: receipt });
  await page.getByText("Ricevuta autentica").first().waitFor();
  await look("verified");
  reached("receipt verified");

  await page.goto(`${PORTAL}/domande/${id}`);
  await page.getByRole("button", { name: "Leggi i dati della domanda" }).waitFor();
  await heard("application");
  await hands.press(page.getByRole("button", { name: "Leggi i dati della domanda" }));
  await page.getByText("Paga lorda al mese").waitFor();
  await look("answers");
  await onPaper(me, "answers", ["Singh", "1.420,00", "Documento caricato", "Stampato"]);

  await until("the receipt is in the public log", async () => {
    await page.goto(`${PORTAL}/verifica-ricevuta`);
    await hands.give(page.locator("input[type=file]"), { name: "ricevuta.json", mimeType: "application/json", buffer: receipt });
    return page.getByText("Registrata nel registro pubblico degli invii").waitFor({ timeout: 10_000 }).then(() => true, () => false);
  }, 240_000);
  heard.forget();
  await look("in the public log");
  await heard("verified");
  reached("proven");
  await heard("end");
});
