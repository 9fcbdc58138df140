// «Esci da tutti i dispositivi» (FRM-5): a question first, then the sign-in page, which says what was done.

import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { Dialog } from "../../components/dialog";
import { ErrorState } from "../../components/states";
import { to } from "../../routing/pages";
import { signOutEverywhere } from "../../session/session";
import { useLostAtSignOut } from "../../session/lost";
import { texts as all } from "../../texts/it/area";

const texts = all.everywhere;

/** The button and its question. */
export function SignOutEverywhere() {
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const lost = useLostAtSignOut(isAsked);
  const close = () => {
    setAsked(false);
    setProblem(null);
  };
  const leave = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await signOutEverywhere();
      location.assign(`${to("/accesso")}?uscita=ovunque`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <>
      <h2>{texts.title}</h2>
      <p>{texts.text}</p>
      <p class="buttons">
        <button type="button" class="btn btn-outline-primary" onClick={() => setAsked(true)}>
          {texts.button}
        </button>
      </p>
      <Dialog id="sign-out-everywhere" title={texts.question} isOpen={isAsked} onClose={close}>
        {problem && <ErrorState problem={problem} isAnswer detail={problem.isOutcomeUnknown ? texts.unknown : problem.detail} />}
        <p>{texts.consequence}</p>
        {lost !== null && <p>{lost}</p>}
        <p class="buttons">
          <button type="button" class="btn btn-danger" disabled={isBusy} onClick={() => void leave()}>
            {texts.go}
          </button>
          <button type="button" class="btn btn-outline-primary" onClick={close}>
            {texts.keep}
          </button>
        </p>
      </Dialog>
    </>
  );
}
