// «Dati personali» (ACC-4): what SPID or CIE vouch for is read; of an account by e-mail, what changed is sent in one step.

import { useState } from "preact/hooks";
import { api, call, type Problem } from "../../api/client";
import type { AccountChangeBody, AccountView } from "../../api/generated";
import { useReading } from "../../api/reading";
import { DateField } from "../../components/controls";
import { TextField } from "../../components/field";
import { SummaryList } from "../../components/lists";
import { Callout, ErrorSummary, Told } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { ErrorState } from "../../components/states";
import { plainDate } from "../../dates/instant";
import { to } from "../../routing/pages";
import { session } from "../../session/session";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/account";
import { addressTwice, birthDate, name, passwordTwice } from "./checks";
import { PasswordFields } from "./password-fields";
import { useSending } from "./use-sending";

const texts = all.data;
const shared = all.shared;

function OwnDataOf({ account }: { account: AccountView }) {
  const own = (text: string | null | undefined, none: string) => (text ? <span translate={false}>{text}</span> : none);
  const rows = [
    { name: shared.given_name, value: own(account.given_name, texts.noneMasculine) },
    { name: shared.family_name, value: own(account.family_name, texts.noneMasculine) },
    { name: shared.birth_date, value: account.birth_date ? plainDate(account.birth_date) : texts.none },
    { name: shared.email, value: own(account.email, texts.noneMasculine) },
    ...(account.fiscal_code ? [{ name: texts.fiscalCode, value: own(account.fiscal_code, texts.noneMasculine) }] : []),
  ];
  return (
    <>
      <SummaryList rows={rows} />
      {account.note && (
        <Callout title={texts.noteTitle}>
          <p>{account.note}</p>
        </Callout>
      )}
    </>
  );
}

/** What differs from what is stored, as the API wants it. */
function changesOf(account: AccountView, typed: Typed): AccountChangeBody {
  const differs = (field: "given_name" | "family_name" | "birth_date") => typed[field].trim() !== (account[field] ?? "");
  const hasEmail = typed.email.trim() !== "" || typed.email_repeated.trim() !== "";
  const hasPassword = typed.password !== "" || typed.password_repeated !== "";
  return {
    ...(differs("given_name") ? { given_name: typed.given_name.trim() } : {}),
    ...(differs("family_name") ? { family_name: typed.family_name.trim() } : {}),
    ...(differs("birth_date") ? { birth_date: typed.birth_date } : {}),
    ...(hasEmail ? { email: typed.email.trim(), email_repeated: typed.email_repeated.trim() } : {}),
    ...(hasPassword ? { password: typed.password, password_repeated: typed.password_repeated } : {}),
    ...(hasEmail || hasPassword ? { current_password: typed.current_password } : {}),
  };
}

interface Typed {
  given_name: string;
  family_name: string;
  birth_date: string;
  email: string;
  email_repeated: string;
  password: string;
  password_repeated: string;
  current_password: string;
}

function wrongWith(changes: AccountChangeBody) {
  return [
    ...(changes.given_name === undefined ? [] : name("given_name", changes.given_name ?? "")),
    ...(changes.family_name === undefined ? [] : name("family_name", changes.family_name ?? "")),
    ...(changes.birth_date === undefined ? [] : birthDate(changes.birth_date ?? "")),
    ...(changes.email === undefined ? [] : addressTwice(changes.email ?? "", changes.email_repeated ?? "")),
    ...(changes.password === undefined ? [] : passwordTwice(changes.password ?? "", changes.password_repeated ?? "")),
    ...(changes.current_password === "" ? [{ field: "current_password", message: texts.needCurrent }] : []),
  ];
}

interface FormProps {
  account: AccountView;
  onDone: (message: string) => void;
  /** Nothing differs from what is stored. */
  onSame: () => void;
  /** Another tab changed the data meanwhile: they are to be seen as they are now. */
  onOvertaken: (problem: Problem) => void;
}

function Form({ account, onDone, onSame, onOvertaken }: FormProps) {
  const [typed, setTyped] = useState<Typed>({
    given_name: account.given_name,
    family_name: account.family_name,
    birth_date: account.birth_date ?? "",
    email: "",
    email_repeated: "",
    password: "",
    password_repeated: "",
    current_password: "",
  });
  const { mistakes, round, problem, isBusy, messageFor, send } = useSending({
    heard: (refusal) => {
      if (refusal.status === 409) onOvertaken(refusal);
    },
  });
  const set = (field: keyof Typed) => (value: string) => setTyped((before) => ({ ...before, [field]: value }));
  const may = (field: string) => account.changeable.includes(field);
  const change = () => {
    const changes = changesOf(account, typed);
    void send(wrongWith(changes), async () => {
      if (Object.keys(changes).length === 0) {
        onSame();
        return;
      }
      const { data } = await call((options) => api.changeAccount(changes, options));
      onDone(data.message);
    });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        change();
      }}
    >
      <ErrorSummary key={round} mistakes={mistakes} />
      {/* One that was overtaken is told above the form, which begins anew. */}
      {problem && problem.status !== 409 && <ErrorState problem={problem} isAnswer />}
      <h2>{texts.who}</h2>
      {may("given_name") && <TextField id="given_name" label={shared.given_name} autocomplete="given-name" value={typed.given_name} onInput={set("given_name")} error={messageFor("given_name")} />}
      {may("family_name") && <TextField id="family_name" label={shared.family_name} autocomplete="family-name" value={typed.family_name} onInput={set("family_name")} error={messageFor("family_name")} />}
      {may("birth_date") && (
        <DateField id="birth_date" label={shared.birth_date} autocomplete="bday" value={typed.birth_date} onChange={(iso, isBlank, text) => set("birth_date")(isBlank ? "" : (iso ?? text))} error={messageFor("birth_date")} />
      )}
      <h2>{texts.address}</h2>
      <SummaryList rows={[{ name: texts.addressNow, value: account.email ? <span translate={false}>{account.email}</span> : texts.noneMasculine }]} />
      {may("email") && (
        <>
          <TextField id="email" label={texts.newEmail} help={texts.addressHelp} type="email" inputMode="email" autocomplete="email" value={typed.email} onInput={set("email")} error={messageFor("email")} />
          <TextField id="email_repeated" label={shared.emailRepeated} type="email" inputMode="email" autocomplete="email" value={typed.email_repeated} onInput={set("email_repeated")} error={messageFor("email_repeated")} />
        </>
      )}
      {may("password") && (
        <>
          <h2>{texts.password}</h2>
          <p>{texts.passwordText}</p>
          <PasswordFields label={shared.newPassword} first={typed.password} second={typed.password_repeated} onFirst={set("password")} onSecond={set("password_repeated")} messageFor={messageFor} />
        </>
      )}
      <h2>{texts.currentTitle}</h2>
      <TextField id="current_password" label={texts.current} help={texts.currentHelp} type="password" autocomplete="current-password" isSecret value={typed.current_password} onInput={set("current_password")} error={messageFor("current_password")} />
      <p class="buttons">
        <button type="submit" class="btn btn-primary" disabled={isBusy}>
          {texts.go}
        </button>
      </p>
    </form>
  );
}

/** What else can be done with one's data: the API serves everybody's export, and says who may close the account. */
function More() {
  const now = session.value;
  const mayClose = now.state === "signed-in" && now.view.services.some(({ service, available }) => service === "close-account" && available);
  const others = [
    { href: to("/utenza/esporta"), ...all.exporting },
    ...(mayClose ? [{ href: to("/utenza/chiusura"), ...all.closing }] : []),
  ];
  return (
    <>
      <h2>{texts.more}</h2>
      <ul class="task-list">
        {others.map(({ href, title, lead }) => (
          <li key={href}>
            <div>
              <a href={href}>{title}</a>
              <p>{lead}</p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What answered the last press; unless nothing was changed, the form below begins anew with what is stored. */
type Answer = { message: string } | { problem: Problem } | "same";

/** The page. */
export default function OwnData() {
  const account = useReading("account", async (signal) => (await call((options) => api.readAccount(options), { signal })).data);
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  const answer = answers.at(-1);
  const { reading } = account;
  const isChangeable = reading.state === "ready" && reading.data.changeable.length > 0 && reading.data.kind === "email";
  const answered = (next: Answer) => {
    setAnswers([...answers, next]);
    if (next !== "same") account.again();
  };
  return (
    <Page title={texts.title} crumbs={[{ label: it.shell.myArea, href: to("/area") }]} lead={isChangeable ? texts.lead : texts.identityLead}>
      {answer === "same" && (
        <Told key={answers.length} tone="info" title={texts.nothing}>
          <p>{texts.nothingText}</p>
        </Told>
      )}
      {typeof answer === "object" && "message" in answer && (
        <Told key={answers.length} title={texts.done}>
          <p>{answer.message}</p>
        </Told>
      )}
      {typeof answer === "object" && "problem" in answer && <ErrorState problem={answer.problem} isAnswer />}
      <Read of={account} lines={8}>
        {(data) => (
          <>
            {isChangeable ? (
              <Form key={reading.at} account={data} onDone={(message) => answered({ message })} onSame={() => answered("same")} onOvertaken={(problem) => answered({ problem })} />
            ) : (
              <OwnDataOf account={data} />
            )}
            <More />
          </>
        )}
      </Read>
    </Page>
  );
}
