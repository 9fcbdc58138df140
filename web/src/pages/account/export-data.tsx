// «Esporta i miei dati» (PRV-1; art. 15 of Regulation (EU) 2016/679): the file with all that the portal keeps about the person, byte
// for byte as the API gives it.

import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import type { ExportView } from "../../api/generated";
import { rawText } from "../../api/raw";
import { saveFile } from "../../applications/save-file";
import { announce } from "../../components/live";
import { Callout, NoteText, Told } from "../../components/messages";
import { Page } from "../../components/page";
import { ErrorState } from "../../components/states";
import { to } from "../../routing/pages";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/account";
import { useSending } from "./use-sending";

const texts = all.exporting;
/** As the API names it. */
const FILE = "i-miei-dati.json";

/** Whether all applications are in it; what is no such file is not kept as one. */
function isComplete(file: string): boolean {
  try {
    return (JSON.parse(file) as ExportView).is_complete;
  } catch {
    throw Problem.of(200, null, new Headers());
  }
}

/** The page. */
export default function ExportData() {
  const [saved, setSaved] = useState<{ isComplete: boolean } | null>(null);
  const { round, problem, isBusy, send } = useSending();
  const save = () => {
    setSaved(null);
    announce(texts.busy);
    return send([], async () => {
      const file = await rawText("/api/account/export");
      const read = { isComplete: isComplete(file) };
      saveFile(FILE, new Blob([file], { type: "application/json" }));
      setSaved(read);
    });
  };
  return (
    <Page title={texts.title} crumbs={[{ label: it.shell.myArea, href: to("/area") }, { label: all.data.title, href: to("/utenza/dati") }]} lead={texts.lead}>
      {problem && <ErrorState problem={problem} isAnswer />}
      {saved && (
        <Told key={round} tone={saved.isComplete ? "success" : "warning"} title={saved.isComplete ? texts.done : texts.partly}>
          <p>{texts.doneText(FILE)}</p>
          {!saved.isComplete && <NoteText text={texts.partlyText} />}
        </Told>
      )}
      <h2>{texts.what}</h2>
      <ul>
        {texts.items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
      <p>{texts.without}</p>
      <p>{texts.format}</p>
      <Callout tone="warning" title={texts.careTitle}>
        <p>{texts.care}</p>
      </Callout>
      <p class="buttons">
        <button type="button" class="btn btn-primary" disabled={isBusy} onClick={() => void save()}>
          {isBusy ? texts.busy : texts.go}
        </button>
      </p>
    </Page>
  );
}
