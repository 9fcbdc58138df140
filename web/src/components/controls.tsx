// The controls of forms beside plain text: dates, money, codes, choices, files, repeated groups.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { cents, euro } from "../dates/money";
import { boxesOf, isBlank, isoOf, pasted, unfinished, type TypedDate } from "../dates/typed-date";
import { it } from "../texts/it";
import { describedBy, Field, FieldError, Optional, TextField, type FieldProps } from "./field";
import { Icon } from "./icon";
import { announce } from "./live";

/** What stands above a group of controls: its name, the help, the error. */
function GroupHead({ id, label, help, error, isOptional }: FieldProps) {
  return (
    <>
      <legend class="field-label">
        {label}
        {isOptional && <Optional />}
      </legend>
      {help && (
        <p id={`${id}-help`} class="field-help">
          {help}
        </p>
      )}
      {error && <FieldError id={id} error={error} />}
    </>
  );
}

interface DateProps extends FieldProps {
  /** `1990-05-01`, the text of an unfinished date, or empty. */
  value: string;
  /** The date; null while the boxes hold none, and `isBlank` says whether they are empty; `text` keeps what they hold. */
  onChange: (iso: string | null, isBlank: boolean, text: string) => void;
  onBlur?: () => void;
  /** `bday` for one's own date of birth. */
  autocomplete?: "bday";
}

/** Three boxes. A whole date pasted into one of them fills all. The id is that of the day. */
export function DateField({ id, label, help, error, isOptional, value, onChange, onBlur, autocomplete, children }: DateProps) {
  const [typed, setTyped] = useState<TypedDate>(() => boxesOf(value));
  const group = useRef<HTMLFieldSetElement>(null);
  // A value from outside (a registry, another tab) replaces what stands there, unless it is the same date.
  useEffect(() => {
    if (value && isoOf(typed) !== value && unfinished(typed) !== value) setTyped(boxesOf(value));
  }, [value]);
  const change = (next: TypedDate) => {
    setTyped(next);
    onChange(isoOf(next), isBlank(next), unfinished(next));
  };
  const paste = (event: ClipboardEvent) => {
    const whole = pasted(event.clipboardData?.getData("text") ?? "");
    if (!whole) return;
    event.preventDefault();
    change(whole);
  };
  const box = (part: keyof TypedDate, boxId: string, name: string, width: string) => (
    <div class="date-box">
      <label for={boxId}>{name}</label>
      <input
        id={boxId}
        class={`form-control ${width}`}
        type="text"
        inputMode={part === "month" ? "text" : "numeric"}
        autocomplete={autocomplete ? `${autocomplete}-${part}` : "off"}
        value={typed[part]}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        onPaste={paste}
        onInput={(event) => change({ ...typed, [part]: event.currentTarget.value })}
      />
    </div>
  );
  return (
    <fieldset
      ref={group}
      class={error ? "field field-wrong" : "field"}
      aria-describedby={describedBy(id, help, error)}
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node && group.current?.contains(event.relatedTarget))) onBlur?.();
      }}
    >
      <GroupHead id={id} label={label} help={help} error={error} isOptional={isOptional} />
      <div class="date-boxes">
        {box("day", id, it.form.day, "width-4")}
        {box("month", `${id}-month`, it.form.month, "width-8")}
        {box("year", `${id}-year`, it.form.year, "width-4")}
      </div>
      {children}
    </fieldset>
  );
}

interface MoneyProps extends FieldProps {
  /** Whole cents, or a text that is no amount; null when empty. */
  value: number | string | null;
  /** The amount; null while what is typed is none, and `isBlank` says whether nothing is typed; `text` is what is typed. */
  onChange: (cents: number | null, isBlank: boolean, text: string) => void;
  onBlur?: () => void;
}

const amount = (value: number | string | null) => (typeof value === "number" ? euro(value).replace(" €", "") : (value ?? ""));

/** An amount in euro: comma or dot, tidied when the field is left. */
export function MoneyField({ value, onChange, onBlur, ...field }: MoneyProps) {
  const [typed, setTyped] = useState(() => amount(value));
  useEffect(() => {
    if (value !== null && typed !== value && cents(typed) !== value) setTyped(amount(value));
  }, [value]);
  return (
    <Field
      {...field}
      control={(control) => (
        <div class="money">
          <input
            {...control}
            class="form-control width-16"
            type="text"
            inputMode="decimal"
            autocomplete="off"
            value={typed}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              onChange(cents(event.currentTarget.value), event.currentTarget.value.trim() === "", event.currentTarget.value);
            }}
            onBlur={() => {
              const read = cents(typed);
              if (read !== null) setTyped(amount(read));
              onBlur?.();
            }}
          />
          <span class="money-unit">{it.form.euro}</span>
        </div>
      )}
    />
  );
}

interface CodeProps extends FieldProps {
  value: string;
  onInput: (value: string) => void;
  onBlur?: () => void;
  size?: number;
  autocomplete?: string;
  inputMode?: "text" | "numeric";
}

/** A code: upper case and without spaces once the field is left. */
export function CodeField({ onBlur, ...field }: CodeProps) {
  return (
    <TextField
      {...field}
      isCode
      onBlur={() => {
        const tidy = field.value.replace(/[\s\u200b-\u200f\u2060\ufeff]/g, "").toUpperCase();
        if (tidy !== field.value) field.onInput(tidy);
        onBlur?.();
      }}
    />
  );
}

/** One answer among several. */
export interface Choice {
  value: string;
  label: string;
  help?: string;
}

interface ChoiceProps extends FieldProps {
  choices: readonly Choice[];
  /** The chosen values; one at most unless `isMany`. */
  value: readonly string[];
  onChange: (value: string[]) => void;
  isMany?: boolean;
  /** Side by side: for yes and no. */
  isInline?: boolean;
}

/** Radio buttons, or boxes to tick. The id is that of the group. */
export function ChoiceGroup({ id, label, help, error, isOptional, choices, value, onChange, isMany = false, isInline = false, children }: ChoiceProps) {
  return (
    <fieldset id={id} class={error ? "field field-wrong" : "field"} aria-describedby={describedBy(id, help, error)}>
      <GroupHead id={id} label={label} help={help} error={error} isOptional={isOptional} />
      <div class={isInline ? "choices choices-inline" : "choices"}>
        {choices.map((choice, n) => {
          const choiceId = `${id}-${n}`;
          const isChosen = value.includes(choice.value);
          return (
            <div class="choice" key={choice.value}>
              <input
                id={choiceId}
                type={isMany ? "checkbox" : "radio"}
                name={id}
                value={choice.value}
                checked={isChosen}
                aria-describedby={choice.help ? `${choiceId}-help` : undefined}
                onChange={(event) => {
                  if (!isMany) onChange([choice.value]);
                  else if (event.currentTarget.checked) onChange([...value, choice.value]);
                  else onChange(value.filter((other) => other !== choice.value));
                }}
              />
              <label for={choiceId}>{choice.label}</label>
              {choice.help && (
                <p id={`${choiceId}-help`} class="field-help">
                  {choice.help}
                </p>
              )}
            </div>
          );
        })}
      </div>
      {children}
    </fieldset>
  );
}

/** One box to tick: a statement. Never preset. */
export function Tick({ id, label, error, isTicked, onChange }: { id: string; label: ComponentChildren; error?: string | null; isTicked: boolean; onChange: (isTicked: boolean) => void }) {
  return (
    <div class={error ? "field field-wrong" : "field"}>
      {error && <FieldError id={id} error={error} />}
      <div class="choice">
        <input
          id={id}
          type="checkbox"
          checked={isTicked}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <label for={id}>{label}</label>
      </div>
    </div>
  );
}

interface SelectProps extends FieldProps {
  choices: readonly Choice[];
  /** What stands for no choice; «Scegli» unless a filter says «Tutti». */
  none?: string;
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  autocomplete?: string;
}

/** The browser's own list. */
export function Select({ choices, none = it.form.choose, value, onChange, onBlur, autocomplete = "off", ...field }: SelectProps) {
  return (
    <Field
      {...field}
      control={(control) => (
        <select
          {...control}
          class="form-select"
          name={control.id}
          value={value}
          autocomplete={autocomplete}
          onChange={(event) => onChange(event.currentTarget.value)}
          {...(onBlur ? { onBlur } : {})}
        >
          <option value="">{none}</option>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
    />
  );
}

/** How a file stands. `note` is the API's or the page's own text. */
export type FileState =
  | { state: "none" }
  | { state: "uploading"; name: string; percent: number }
  | { state: "checking" | "accepted" | "refused"; name: string; note: string };

interface FileProps extends FieldProps {
  file: FileState;
  /** What the browser offers to choose from: `.pdf,.p7m`. */
  accept: string;
  /** Why none can be chosen now, and from when on one can. */
  closed?: string | undefined;
  onChoose: (file: File) => void;
  onCancel?: () => void;
  onRemove?: () => void;
}

/** A file that goes to the portal at once; how it stands is said in words. */
export function FileField({ file, accept, closed, onChoose, onCancel, onRemove, ...field }: FileProps) {
  const box = useRef<HTMLDivElement>(null);
  /** Whoever works here keeps their place when the control that they used gives way to another one. */
  const isUsed = useRef(false);
  useEffect(() => {
    if (isUsed.current && document.activeElement === document.body) box.current?.querySelector<HTMLElement>("button, input")?.focus();
  }, [file.state]);
  const choose = file.state === "accepted" ? it.form.swapFile : file.state === "none" ? it.form.chooseFile : it.form.replaceFile;
  return (
    <Field
      {...field}
      control={(control) => (
        <div
          ref={box}
          class="file"
          onFocusIn={() => (isUsed.current = true)}
          onFocusOut={({ relatedTarget }) => {
            if (relatedTarget instanceof Node && !box.current?.contains(relatedTarget)) isUsed.current = false;
          }}
        >
          {file.state === "uploading" ? (
            <div class="file-now">
              <p class="file-name" translate={false}>
                {file.name}
              </p>
              <progress max={100} value={file.percent} aria-label={it.form.uploading(file.percent)} />
              <p>{it.form.uploading(file.percent)}</p>
              {onCancel && (
                <button type="button" class="btn btn-outline-primary" onClick={onCancel}>
                  {it.form.cancel}
                  <span class="visually-hidden"> {field.label}</span>
                </button>
              )}
            </div>
          ) : (
            <>
              {file.state !== "none" && (
                <div class="file-now">
                  <p class="file-name" translate={false}>
                    {file.name}
                  </p>
                  <p class={`file-note file-${file.state}`}>
                    <Icon name={file.state === "accepted" ? "check-circle" : file.state === "refused" ? "error" : "clock"} />
                    <span>{file.note}</span>
                  </p>
                  {onCancel && (
                    <button type="button" class="btn btn-outline-primary" onClick={onCancel}>
                      {it.form.cancel}
                      <span class="visually-hidden"> {field.label}</span>
                    </button>
                  )}
                </div>
              )}
              {closed !== undefined && (
                <p id={`${control.id}-closed`} class="field-help">
                  {closed}
                </p>
              )}
              <div class="file-buttons">
                <label class={closed === undefined ? "btn btn-outline-primary" : "btn btn-outline-primary disabled"} for={control.id}>
                  <Icon name="upload" />
                  {choose}
                </label>
                <input
                  {...control}
                  {...(closed === undefined ? {} : { disabled: true, "aria-describedby": [control["aria-describedby"], `${control.id}-closed`].filter(Boolean).join(" ") })}
                  class="file-input"
                  type="file"
                  accept={accept}
                  aria-label={`${field.label}: ${choose}`}
                  onChange={(event) => {
                    const chosen = event.currentTarget.files?.[0];
                    // Emptied, so that the same file can be chosen again after a refusal.
                    event.currentTarget.value = "";
                    if (chosen) onChoose(chosen);
                  }}
                />
                {onRemove && file.state !== "none" && (
                  <button type="button" class="btn btn-link" onClick={onRemove}>
                    <Icon name="delete" />
                    {it.form.removeFile}
                    <span class="visually-hidden"> {field.label}</span>
                  </button>
                )}
              </div>
            </>
          )}
        </div>
      )}
    />
  );
}

interface RepeaterProps<Item> {
  id: string;
  /** What one group is called: «familiare». */
  what: string;
  legend: string;
  items: readonly Item[];
  most: number;
  blank: () => Item;
  onChange: (items: Item[]) => void;
  children: (item: Item, index: number, change: (item: Item) => void) => ComponentChildren;
}

/** Numbered groups of fields; adding and taking away moves the focus, and is said. */
export function Repeater<Item>({ id, what, legend, items, most, blank, onChange, children }: RepeaterProps<Item>) {
  const box = useRef<HTMLFieldSetElement>(null);
  const [focus, setFocus] = useState<string | null>(null);
  useEffect(() => {
    if (focus === null) return;
    box.current?.querySelector<HTMLElement>(focus)?.focus();
    setFocus(null);
  }, [focus]);
  return (
    <fieldset id={id} class="repeater" ref={box}>
      <legend class="field-label">{legend}</legend>
      {items.map((item, index) => (
        <fieldset class="repeated" key={index} data-group={index} tabIndex={-1}>
          <legend>{it.form.numbered(what, index + 1)}</legend>
          {children(item, index, (changed) => onChange(items.map((other, n) => (n === index ? changed : other))))}
          <button
            type="button"
            class="btn btn-link"
            onClick={() => {
              onChange(items.filter((_, n) => n !== index));
              announce(it.form.removed(what, index + 1));
              setFocus(items.length > 1 ? `[data-group="${Math.max(0, index - 1)}"]` : "[data-add]");
            }}
          >
            <Icon name="delete" />
            {it.form.remove(what, index + 1)}
          </button>
        </fieldset>
      ))}
      {items.length < most && (
        <button
          type="button"
          class="btn btn-outline-primary"
          data-add
          onClick={() => {
            onChange([...items, blank()]);
            announce(it.form.added(what, items.length + 1));
            setFocus(`[data-group="${items.length}"]`);
          }}
        >
          <Icon name="plus-circle" />
          {it.form.add(what)}
        </button>
      )}
    </fieldset>
  );
}
