// The page of the letter that confirms a new address (ACC-4). Nothing happens by opening it: mail programs open links, too.

import { api, call } from "../../api/client";
import { ErrorState } from "../../components/states";
import { to } from "../../routing/pages";
import { session } from "../../session/session";
import { texts as all } from "../../texts/it/account";
import { LetterPage, type UseProps } from "./letter-page";
import { usePasswordSignIn } from "./password-sign-in";
import { Enter } from "./told";
import { useSending } from "./use-sending";

const texts = all.confirm;

function OwnData() {
  return (
    <p class="buttons">
      <a class="btn btn-primary" href={to("/utenza/dati")}>
        {texts.data}
      </a>
    </p>
  );
}

function Press({ token, onDone, onRefused }: UseProps) {
  const { problem, isBusy, send } = useSending({ heard: onRefused });
  const confirm = () =>
    send([], async () => {
      const { data } = await call((options) => api.confirmAddress({ token }, options));
      onDone(data.message);
    });
  return (
    <>
      {problem && <ErrorState problem={problem} isAnswer />}
      <p>{texts.notYou}</p>
      <p class="buttons">
        <button type="button" class="btn btn-primary" disabled={isBusy} onClick={() => void confirm()}>
          {texts.go}
        </button>
      </p>
    </>
  );
}

/** The page. */
export default function ConfirmAddress() {
  const standing = usePasswordSignIn();
  const isSignedIn = session.value.state === "signed-in";
  return (
    <LetterPage
      title={texts.title}
      lead={texts.lead}
      doneTitle={texts.done}
      use={(props) => <Press key={props.token} {...props} />}
      afterwards={isSignedIn ? <OwnData /> : <Enter standing={standing} />}
      next={() => (
        <>
          <h2>{all.link.next}</h2>
          <p>{texts.spentText}</p>
          <OwnData />
        </>
      )}
    />
  );
}
