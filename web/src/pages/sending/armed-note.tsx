// On the page of sending, where the decree lets people arm: that they can, and how many armed ones a press leaves out.

import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { searchFor } from "../../applications/search";
import { Callout } from "../../components/messages";
import { to } from "../../routing/pages";
import { PAGE, readPages } from "../../sending/list";
import { texts } from "../../texts/it/armed-elsewhere";

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** How many are armed; null until that is known, and where it cannot be read: the list says what a press sends anyway. */
function useArmed(campaign: string, model: string): number | null {
  const [armed, setArmed] = useState<number | null>(null);
  useEffect(() => {
    readPages({ pause, search: (cursor) => searchFor({ campaign, model, state: "armed", limit: PAGE, ...(cursor ? { cursor } : {}) }) }).then(
      (found) => setArmed(found.length),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
      },
    );
  }, [campaign, model]);
  return armed;
}

/** The note. */
export function ArmedNote({ campaign, model, isBefore }: { campaign: string; model: string; isBefore: boolean }) {
  const armed = useArmed(campaign, model) ?? 0;
  if (!isBefore && armed === 0) return null;
  return (
    <Callout title={isBefore ? texts.can : texts.leftOut(armed)}>
      {isBefore && <p>{texts.canText}</p>}
      {isBefore && armed > 0 && <p>{texts.leftOut(armed)}</p>}
      <p>
        <a href={to("/invio/:campaign/:model/prenotato", { campaign, model })}>{armed > 0 ? texts.see : texts.go}</a>
      </p>
    </Callout>
  );
}
