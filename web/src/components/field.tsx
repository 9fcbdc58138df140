// One question: label, help, message and source around a control, joined for who listens. Also the plain text control.

import type { ComponentChildren } from "preact";
import { short } from "../dates/instant";
import { it } from "../texts/it";
import { Icon } from "./icon";
import { Plain } from "./rich";

/** What a control must carry so that its label, help and message are read with it. */
export interface ControlProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

/** What every field shows. */
export interface FieldProps {
  id: string;
  label: string;
  help?: string | null | undefined;
  /** What to do; shown and read when there is one. */
  error?: string | null | undefined;
  isOptional?: boolean;
  /** Shown under the control: a source line, a note. */
  children?: ComponentChildren;
}

/** The ids that a control is described by. */
export function describedBy(id: string, help: unknown, error: unknown): string | undefined {
  const ids = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return ids || undefined;
}

/** The message of a mistake. */
export function FieldError({ id, error }: { id: string; error: string }) {
  return (
    <p id={`${id}-error`} class="field-message">
      <Icon name="error" />
      <span>
        <span class="visually-hidden">{it.form.error} </span>
        <Plain text={error} />
      </span>
    </p>
  );
}

/** The word after the label of what may stay empty. */
export function Optional() {
  return <span class="optional"> ({it.form.optional})</span>;
}

interface WithControl extends FieldProps {
  control: (props: ControlProps) => ComponentChildren;
}

/** A label above one control. */
export function Field({ id, label, help, error, isOptional, control, children }: WithControl) {
  return (
    <div class={error ? "field field-wrong" : "field"}>
      <label class="field-label" for={id}>
        {label}
        {isOptional && <Optional />}
      </label>
      {help && (
        <p id={`${id}-help`} class="field-help">
          {help}
        </p>
      )}
      {error && <FieldError id={id} error={error} />}
      {control({ id, "aria-describedby": describedBy(id, help, error), "aria-invalid": error ? true : undefined })}
      {children}
    </div>
  );
}

/** Where a value comes from and since when. */
export function SourceLine({ source, at }: { source: string; at?: string | null }) {
  return (
    <p class="source-line">
      <Icon name="info-circle" />
      <span>{at ? it.form.source(source, short(at)) : source}</span>
    </p>
  );
}

/** How a text is typed. */
export interface TextProps extends FieldProps {
  value: string;
  onInput: (value: string) => void;
  onBlur?: () => void;
  /** `text` unless the browser can help more. */
  type?: "text" | "email" | "password" | "tel" | "search" | "url";
  inputMode?: "text" | "numeric" | "decimal" | "email" | "tel";
  /** A browser's own name of one's own datum; `off` for others'. */
  autocomplete?: string;
  /** About how many characters fit: the width says what is expected. */
  size?: number;
  isCode?: boolean;
  /** A password, also while it is shown: nothing spells it, translates it or begins it with a capital. */
  isSecret?: boolean;
}

/** The width class of about so many characters. */
export function widthOf(size: number | undefined): string {
  if (size === undefined) return "";
  return size <= 4 ? " width-4" : size <= 8 ? " width-8" : size <= 16 ? " width-16" : size <= 24 ? " width-24" : "";
}

/** A line of text. Nothing is cut off: a text that is too long gets a message, never a shorter text. */
export function TextField(props: TextProps) {
  const { value, onInput, onBlur, type = "text", inputMode, autocomplete = "off", size, isCode, isSecret, ...field } = props;
  return (
    <Field
      {...field}
      control={(control) => (
        <input
          {...control}
          class={`form-control${widthOf(size)}${isCode ? " code" : ""}`}
          // The types of an input are a union of which each member admits other roles; these six admit the same.
          {...({ type } as { type: "text" })}
          name={control.id}
          value={value}
          {...(inputMode ? { inputMode } : {})}
          autocomplete={autocomplete}
          {...(isCode ? { spellcheck: false, autocapitalize: "characters", translate: false } : {})}
          {...(isSecret ? { spellcheck: false, autocapitalize: "none", translate: false } : {})}
          onInput={(event) => onInput(event.currentTarget.value)}
          {...(onBlur ? { onBlur } : {})}
        />
      )}
    />
  );
}

/** Several lines of text. */
export function TextArea({ value, onInput, onBlur, rows = 5, ...field }: FieldProps & { value: string; onInput: (value: string) => void; onBlur?: () => void; rows?: number }) {
  return (
    <Field
      {...field}
      control={(control) => (
        <textarea
          {...control}
          class="form-control"
          name={control.id}
          rows={rows}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
          {...(onBlur ? { onBlur } : {})}
        />
      )}
    />
  );
}

/** A value that is read and not typed: text, no disabled control. */
export function ReadOnlyField({ id, label, value, help, children }: { id: string; label: string; value: string; help?: string | null; children?: ComponentChildren }) {
  return (
    <div class="field field-read" id={id}>
      <p class="field-label">{label}</p>
      {help && <p class="field-help">{help}</p>}
      <p class="field-value">{value}</p>
      {children}
    </div>
  );
}
