// One question of the form with the control that its type asks for. What comes from elsewhere is text, not a dead control.

import { useEffect, useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { ChoiceGroup, CodeField, DateField, MoneyField, Select, Tick, type Choice } from "../../components/controls";
import { Dialog } from "../../components/dialog";
import { FieldError, ReadOnlyField, SourceLine, TextArea, TextField, type FieldProps } from "../../components/field";
import { announce } from "../../components/live";
import { ErrorState } from "../../components/states";
import type { Completeness } from "../../form/completeness";
import { controlText, shownValue, typedValue } from "../../form/entry";
import { isValidOn } from "../../form/field-check";
import type { Field, FieldType, Value } from "../../form/schema";
import { registryTexts } from "../../form/section-status";
import { givingRegistry, isWritable } from "../../form/source";
import { formTexts } from "../../texts/it/form";
import { DocumentAnswer } from "./document-answer";
import { ownData } from "./own-data";
import type { OpenDraft } from "./open-draft";
import { whyEmpty } from "./why-empty";

/** Longer answers get several lines. */
const LONG_TEXT = 200;
/** A short list is shown whole. */
const MOST_RADIOS = 6;

interface Props {
  draft: OpenDraft;
  field: Field;
  completeness: Completeness;
  /** What to do, where it is time to say so. */
  error: string | undefined;
  onLeave: () => void;
}

/** A question, or the answer that came from elsewhere. */
export function Answer(props: Props) {
  const { draft, field } = props;
  const stored = draft.autosave.draft.values.get(field.key);
  if (!draft.mayEdit || !isWritable(field, stored)) return <GivenAnswer {...props} />;
  return field.type.kind === "file" ? <DocumentAnswer {...props} limits={field.type} /> : <Question {...props} />;
}

/** An answer to be read. */
export function GivenAnswer({ draft, field, completeness, error }: Omit<Props, "onLeave">) {
  const stored = draft.autosave.draft.values.get(field.key);
  const value = completeness.view.value(field.key);
  return (
    <ReadOnlyField
      id={field.key}
      label={field.label}
      value={value === undefined ? whyEmpty(draft, field, completeness) : shownValue(draft.model, field, value)}
    >
      {error !== undefined && <FieldError id={field.key} error={error} />}
      {value !== undefined && stored && <Origin source={stored.source} at={stored.at} />}
      {draft.mayEdit && value !== undefined && field.source.kind === "registry" && <Correction draft={draft} field={field} />}
    </ReadOnlyField>
  );
}

function Origin({ source, at }: { source: string; at: string }) {
  const registry = givingRegistry({ value: null, source });
  return <SourceLine source={registry === undefined ? (formTexts.sources[source] ?? source) : registryTexts(registry).name} at={at} />;
}

/** Asks the registry again, with the person's reason; a value from a registry is never typed over. */
function Correction({ draft, field }: { draft: OpenDraft; field: Field }) {
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const [said, setSaid] = useState<string | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const id = `${field.key}-correction`;
  const send = async () => {
    try {
      const { data } = await call((options) => api.askCorrection(draft.id, { field: field.key, note }, options));
      setSaid(data.message);
      announce(data.message);
      setOpen(false);
    } catch (caught) {
      if (!(caught instanceof Problem)) throw caught;
      setProblem(caught);
    }
  };
  const message = problem?.messageFor("note");
  return (
    <>
      {said === undefined ? (
        <button type="button" class="btn btn-link" onClick={() => setOpen(true)}>
          {formTexts.correction}
          <span class="visually-hidden"> {field.label}</span>
        </button>
      ) : (
        <p class="field-help">{said}</p>
      )}
      <Dialog id={id} title={formTexts.correctionTitle(field.label)} isOpen={isOpen} onClose={() => setOpen(false)}>
        {problem && message == null && <ErrorState problem={problem} isAnswer />}
        <TextArea
          id={`${id}-note`}
          label={formTexts.correctionNote}
          help={formTexts.correctionHelp}
          error={message}
          value={note}
          onInput={setNote}
        />
        <button type="button" class="btn btn-outline-primary" onClick={() => void send()}>
          {formTexts.correctionSend}
        </button>
      </Dialog>
    </>
  );
}

function Question({ draft, field, completeness, error, onLeave }: Props) {
  const { autosave, model } = draft;
  const { type } = field;
  const value = autosave.shown(field.key);
  const stored = autosave.draft.values.get(field.key);
  const own: FieldProps = {
    id: field.key,
    label: field.label,
    help: field.help,
    error: error ?? null,
    isOptional: !completeness.view.isRequired(field),
    children: stored?.source !== undefined && stored.source !== "person" ? <Origin source={stored.source} at={stored.at} /> : null,
  };
  const typeIn = (typed: Value) => autosave.type(field.key, typed);
  const leave = () => {
    autosave.leave();
    onLeave();
  };
  /** A choice is made by one press: it is saved at once. */
  const choose = (typed: Value) => {
    typeIn(typed);
    leave();
  };
  const text = controlText(type, value);
  const typing = { ...own, value: text, onInput: (typed: string) => typeIn(typedValue(type, typed)), onBlur: leave };
  const autocomplete = ownData(field);
  switch (type.kind) {
    case "boolean":
      return (
        <ChoiceGroup
          {...own}
          isInline
          choices={[{ value: "true", label: formTexts.yes }, { value: "false", label: formTexts.no }]}
          value={typeof value === "boolean" ? [String(value)] : []}
          onChange={([chosen]) => choose(chosen === "true")}
        />
      );
    case "must-be-true":
      return (
        <Tick
          id={field.key}
          label={
            <>
              {field.label} <span class="field-help">{field.help}</span>
            </>
          }
          error={error ?? null}
          isTicked={value === true}
          onChange={choose}
        />
      );
    case "choice":
      return <OneOf {...own} choices={type.options} value={String(value ?? "")} onChange={choose} />;
    case "table-choice": {
      const rows = Array.from(model.tables.get(type.table)?.values() ?? []);
      const choices = rows
        .filter((row) => type.ever || isValidOn(row, draft.today) || row.code === value)
        .map((row) => ({ value: row.code, label: row.label }));
      return <OneOf {...own} choices={choices} value={String(value ?? "")} onChange={choose} />;
    }
    case "date":
      return (
        <DateField
          {...own}
          value={text}
          onChange={(iso, isBlank, unfinished) => typeIn(isBlank ? null : (iso ?? unfinished))}
          onBlur={leave}
        />
      );
    case "money":
      return (
        <MoneyField
          {...own}
          value={typeof value === "string" || typeof value === "number" ? value : null}
          onChange={(cents, isBlank, typed) => typeIn(isBlank ? null : (cents ?? typed))}
          onBlur={leave}
        />
      );
    case "integer":
      return <NumberField {...own} type={type} value={value} onType={typeIn} onBlur={leave} />;
    case "person-fiscal-code":
    case "company-fiscal-code":
      return <CodeField {...typing} size={24} autocomplete={autocomplete} />;
    case "vat-number":
    case "postal-code":
      return <CodeField {...typing} size={16} inputMode="numeric" autocomplete={autocomplete} />;
    case "email":
    case "pec":
      return <TextField {...typing} type="email" autocomplete={autocomplete} />;
    case "text":
      if (type.charset === "free" && type.max >= LONG_TEXT) return <TextArea {...typing} />;
      if (type.charset === "document-number") return <CodeField {...typing} size={Math.min(type.max, 24)} />;
      if (type.charset === "phone") return <TextField {...typing} type="tel" autocomplete={autocomplete} size={24} />;
      if (type.charset === "digits") return <TextField {...typing} inputMode="numeric" size={Math.min(type.max, 24)} />;
      return <TextField {...typing} autocomplete={autocomplete} {...(type.max <= 24 ? { size: type.max } : {})} />;
    case "file":
    case "unknown":
      return <TextField {...typing} />;
  }
}

interface NumberProps extends FieldProps {
  type: FieldType;
  value: Value;
  onType: (value: Value) => void;
  onBlur: () => void;
}

/** A whole number: what is typed stays as it is until the field is left, then it is tidied if it can be read. */
function NumberField({ type, value, onType, onBlur, ...field }: NumberProps) {
  const [typed, setTyped] = useState(() => controlText(type, value));
  // A value from outside replaces what stands there, unless it is the same number.
  useEffect(() => {
    if (typedValue(type, typed) !== value) setTyped(controlText(type, value));
  }, [value]);
  return (
    <TextField
      {...field}
      inputMode="numeric"
      size={8}
      value={typed}
      onInput={(text) => {
        setTyped(text);
        onType(typedValue(type, text));
      }}
      onBlur={() => {
        setTyped(controlText(type, typedValue(type, typed)));
        onBlur();
      }}
    />
  );
}

/** A few words as radio buttons, many as the browser's own list. */
function OneOf({ choices, value, onChange, ...own }: FieldProps & { choices: readonly Choice[]; value: string; onChange: (value: Value) => void }) {
  if (choices.length <= MOST_RADIOS) {
    return <ChoiceGroup {...own} choices={choices} value={value === "" ? [] : [value]} onChange={([chosen]) => onChange(chosen ?? null)} />;
  }
  return <Select {...own} choices={choices} value={value} onChange={(chosen) => onChange(chosen === "" ? null : chosen)} />;
}
