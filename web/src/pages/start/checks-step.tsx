// Third step: for whom it is asked. One's own code is text and no field.

import { api, call } from "../../api/client";
import { useReading } from "../../api/reading";
import { ChoiceGroup, CodeField } from "../../components/controls";
import { ReadOnlyField, SourceLine } from "../../components/field";
import { Read } from "../../components/read";
import { texts as all } from "../../texts/it/start";
import { questions, type Asked, type Question, type Wizard } from "./wizard";

const texts = all.checks;

interface Props {
  wizard: Wizard;
  asked: Asked;
  messageFor: (question: Question) => string | null;
  onChange: (changes: Partial<Wizard>) => void;
}

function OwnField({ code }: { code: string }) {
  return (
    <ReadOnlyField id="own" label={texts.own} value={code}>
      <SourceLine source={texts.ownFrom} />
    </ReadOnlyField>
  );
}

function OwnCode() {
  const account = useReading("account", async (signal) => (await call((options) => api.readAccount(options), { signal })).data);
  // The field stands from the beginning: what arrives late must not move the button that is being pressed.
  if (account.reading.state === "loading") {
    return (
      <div aria-busy="true">
        <OwnField code="…" />
      </div>
    );
  }
  return <Read of={account}>{({ fiscal_code }) => <OwnField code={fiscal_code ?? "–"} />}</Read>;
}

/** The questions. */
export function ChecksStep({ wizard, asked, messageFor, onChange }: Props) {
  const open = questions(wizard, asked);
  return (
    <>
      <h2>{texts.title}</h2>
      <p>{texts.lead}</p>
      {open.includes("kind") && (
        <ChoiceGroup
          id="kind"
          label={texts.kind}
          error={messageFor("kind")}
          choices={[
            { value: "natural", label: texts.natural, help: texts.naturalHelp },
            { value: "legal", label: texts.legal, help: texts.legalHelp },
          ]}
          value={wizard.kind ? [wizard.kind] : []}
          onChange={([kind]) => onChange({ kind: kind === "natural" ? "natural" : "legal" })}
        />
      )}
      {open.includes("register") && (
        <ChoiceGroup
          id="register"
          label={texts.register}
          error={messageFor("register")}
          isInline
          choices={[
            { value: "yes", label: texts.yes },
            { value: "no", label: texts.no },
          ]}
          value={wizard.register ? [wizard.register] : []}
          onChange={([register]) => onChange({ register: register === "yes" ? "yes" : "no" })}
        />
      )}
      {asked.applicant ? (
        <CodeField id="applicant" label={texts.applicant} help={texts.applicantHelp} size={24} value={wizard.applicant} error={messageFor("applicant")} onInput={(applicant) => onChange({ applicant })} />
      ) : (
        <OwnCode />
      )}
      {open.includes("company") && (
        <CodeField id="company" label={texts.company} help={texts.companyHelp} size={24} value={wizard.company} error={messageFor("company")} onInput={(company) => onChange({ company })} />
      )}
    </>
  );
}
