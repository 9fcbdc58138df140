// What the shell asks about the session: enter again, stay, leave although answers are not saved, or try again to leave.

import { useState } from "preact/hooks";
import type { Problem } from "../api/client";
import { sessionEnded } from "../api/refresh";
import { Dialog } from "../components/dialog";
import { ErrorState } from "../components/states";
import { clockTime } from "../dates/instant";
import { it } from "../texts/it";
import { placeToResume } from "./resume";
import { signInLink, signOut, signOutFailure, signOutQuestion } from "./session";
import { sessionWarning } from "./warning";
import { keepWayBack } from "./way-back";

const stay = () => void import("./keeper").then((keeper) => keeper.stay());
const dismiss = () => {
  sessionWarning.value = null;
};
const goBack = () => {
  signOutQuestion.value = null;
};

/** The way out that failed: it cannot be put aside, or the next person at this computer would be in. */
function NotOut({ problem }: { problem: Problem }) {
  const [isBusy, setBusy] = useState(false);
  const again = () => {
    setBusy(true);
    void signOut().finally(() => setBusy(false));
  };
  return (
    <>
      <ErrorState problem={problem} />
      <p>{it.session.notOutText}</p>
      <p class="buttons">
        <button type="button" class="btn btn-primary" disabled={isBusy} onClick={again}>
          {it.session.outAgain}
        </button>
      </p>
    </>
  );
}

/** One of them at a time. */
export function SessionDialogs() {
  const isOver = sessionEnded.value;
  const warning = isOver ? null : sessionWarning.value;
  const lost = signOutQuestion.value;
  const failure = isOver ? null : signOutFailure.value;
  return (
    <>
      <Dialog id="session-ended" title={it.session.endedTitle} isOpen={isOver}>
        <p>{it.session.endedText}</p>
        <p class="buttons">
          {/* A whole new page: nothing of the session that is over stays in memory, and no question in front of the sign-in. */}
          <a class="btn btn-primary" href={isOver ? signInLink() : "/accesso"} onClick={() => keepWayBack(placeToResume())} data-native>
            {it.session.enterAgain}
          </a>
        </p>
      </Dialog>
      <Dialog
        id="session-near-end"
        title={warning?.kind === "end" ? it.session.endTitle : it.session.restTitle}
        isOpen={warning !== null}
        onClose={warning?.kind === "end" ? dismiss : stay}
      >
        {warning && <p>{(warning.kind === "end" ? it.session.endText : it.session.restText)(clockTime(warning.until))}</p>}
        <p class="buttons">
          <button type="button" class="btn btn-primary" onClick={warning?.kind === "end" ? dismiss : stay}>
            {warning?.kind === "end" ? it.session.understood : it.session.keepSession}
          </button>
        </p>
      </Dialog>
      <Dialog id="sign-out" title={it.session.signOutTitle} isOpen={lost !== null} onClose={goBack}>
        <p>{lost}</p>
        <p class="buttons">
          <button type="button" class="btn btn-primary" onClick={goBack}>
            {it.session.stay}
          </button>
          <button type="button" class="btn btn-outline-primary" onClick={() => void signOut()}>
            {it.session.signOutAnyway}
          </button>
        </p>
      </Dialog>
      <Dialog id="not-out" title={it.session.notOutTitle} isOpen={failure !== null}>
        {failure && <NotOut problem={failure} />}
      </Dialog>
    </>
  );
}
