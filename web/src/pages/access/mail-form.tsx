// Signing in with e-mail and password, and with a human check after some failures.

import { useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { TextField } from "../../components/field";
import { ErrorSummary, type Mistake } from "../../components/messages";
import { ErrorState } from "../../components/states";
import { to } from "../../routing/pages";
import { texts } from "../../texts/it/access";
import { texts as accounts } from "../../texts/it/account";
import { address } from "../account/checks";
import { HumanCheckField, useHumanCheck } from "../account/human-check";
import { useSending } from "../account/use-sending";

/** The form. It opens another session, so that the page is loaded anew. */
export function MailForm({ target }: { target: string }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [needsCheck, setNeedsCheck] = useState(false);
  const human = useHumanCheck();
  const { mistakes, round, problem, isBusy, messageFor, send } = useSending({
    heard: (refusal) => {
      if (refusal.extra["human_check_required"] === true || refusal.messageFor("human_check")) setNeedsCheck(true);
    },
  });
  const enter = () => {
    const found: Mistake[] = [];
    if (email.trim() === "") found.push({ field: "email", message: texts.needEmail });
    if (password === "") found.push({ field: "password", message: texts.needPassword });
    void send(found, async () => {
      const signIn = async (proof?: { human_check: string }) => {
        await call((options) => api.signInWithPassword({ email: email.trim(), password, ...proof }, options));
        location.assign(target);
      };
      const prove = async () => {
        const human_check = await human.prove();
        if (human_check !== null) await signIn({ human_check });
      };
      if (needsCheck) return prove();
      try {
        await signIn();
      } catch (refusal) {
        // After some failures a check is needed: the browser makes it, and nobody has to press again.
        if (!(refusal instanceof Problem && refusal.errors.some(({ code }) => code === "verifica-richiesta"))) throw refusal;
        setNeedsCheck(true);
        await prove();
      }
    });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        enter();
      }}
    >
      <p>{texts.mailText}</p>
      <ErrorSummary key={round} mistakes={mistakes} />
      {problem && <ErrorState problem={problem} isAnswer />}
      <TextField id="email" label={texts.email} type="email" inputMode="email" autocomplete="username" value={email} onInput={setEmail} error={messageFor("email")} />
      <TextField id="password" label={texts.password} type="password" autocomplete="current-password" isSecret value={password} onInput={setPassword} error={messageFor("password")} />
      {needsCheck && (
        <HumanCheckField
          check={human}
          error={messageFor("human_check")}
          address={address(email).length === 0 ? email.trim() : null}
          onNoAddress={() => void send(address(email), async () => {})}
        />
      )}
      <p class="buttons">
        <button type="submit" class="btn btn-outline-primary" disabled={isBusy}>
          {human.percent === null ? texts.enter : accounts.human.busy}
        </button>
        <a href={to("/utenza/recupero")}>{texts.forgotten}</a>
      </p>
      <p>
        {texts.noAccount} <a href={to("/utenza/registrazione")}>{texts.register}</a>
      </p>
    </form>
  );
}
