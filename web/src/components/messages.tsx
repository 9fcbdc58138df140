// What a page tells its reader: badges of state, boxes of deadlines, callouts, bars, the summary of errors.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { TermView } from "../api/generated";
import { asksApplicant, VALIDITY } from "../applications/terms";
import { it } from "../texts/it";
import { Icon, type IconName } from "./icon";
import { Plain, Rich } from "./rich";

/** How something stands: always an icon, a word and a colour together. */
export type Tone = "info" | "success" | "warning" | "danger" | "neutral";

const TONE_ICONS: Record<Tone, IconName> = {
  info: "info-circle",
  success: "check-circle",
  warning: "warning-circle",
  danger: "error",
  neutral: "clock",
};

/** State codes of the API → tone; a code that is not here is neutral, its word is the API's `state_label`. */
const STATE_TONES: Partial<Record<string, Tone>> = {
  "to-validate": "warning",
  "to-complete": "warning",
  "to-send": "info",
  armed: "success",
  submitted: "success",
  blocked: "danger",
  "blocked-after-sending": "danger",
  "integration-requested": "warning",
  "refusal-announced": "danger",
  refused: "danger",
  granted: "success",
  "awaiting-confirmation": "warning",
  renouncing: "warning",
  "expired-to-verify": "danger",
  revoked: "danger",
  confirmed: "success",
  archived: "neutral",
};

/** The tone of a state code. */
export function toneOf(state: string): Tone {
  return STATE_TONES[state] ?? "neutral";
}

/** The state of an application or of a part of it; `label` is the API's. */
export function StateBadge({ label, tone }: { label: string; tone: Tone }) {
  return (
    <span class={`state state-${tone}`}>
      <Icon name={TONE_ICONS[tone]} />
      {label}
    </span>
  );
}

interface CalloutProps {
  tone?: Tone;
  /** Without one the icon stands beside the text: a title that only repeats the text is none. */
  title?: string;
  children?: ComponentChildren;
  /** The level of the title in the page's outline; a plain paragraph without it. */
  level?: 2 | 3;
}

/** Something to be read before going on. */
export function Callout({ tone = "info", title, children, level }: CalloutProps) {
  const Title = level === 2 ? "h2" : level === 3 ? "h3" : "p";
  const icon = <Icon name={TONE_ICONS[tone]} label={it.tones[tone]} />;
  if (title === undefined) {
    return (
      <div class={`note note-untitled note-${tone}`}>
        {icon}
        <div>{children}</div>
      </div>
    );
  }
  return (
    <div class={`note note-${tone}`}>
      <Title class="note-title">
        {icon}
        <span>{title}</span>
      </Title>
      {children}
    </div>
  );
}

interface ToldProps {
  title: string;
  tone?: Tone;
  /** Whether the text says the same as the title, which then only names the group. */
  isTitleInText?: boolean;
  level?: CalloutProps["level"];
  children?: ComponentChildren;
}

/** What answers a press: it takes the focus, which the button that it takes the place of would lose, so that it is read and seen. */
export function Told({ title, tone = "success", isTitleInText = false, level, children }: ToldProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} class="answer" role="group" aria-label={title}>
      <Callout tone={tone} title={isTitleInText ? undefined : title} level={level}>
        {children}
      </Callout>
    </div>
  );
}

/** A bar across the page: offline, maintenance, test environment. Spoken by `announce`, not by itself. */
export function NotificationBar({ tone = "info", children }: { tone?: Tone; children: ComponentChildren }) {
  return (
    <div class={`bar bar-${tone}`}>
      <div class="container">
        <Icon name={TONE_ICONS[tone]} label={it.tones[tone]} />
        <span>{children}</span>
      </div>
    </div>
  );
}

interface DeadlineProps {
  /** The API's `label` of the term: what it is for. */
  label: string;
  /** The API's `ends_in_words`. */
  endsInWords: string;
  children?: ComponentChildren;
  tone?: Tone;
  /** Whether it runs out by itself, and nobody has to do anything before. */
  isValidity?: boolean;
}

/** How long something is good: «scade alle ore 24:00 di …», out of words that stand after «entro». */
const endOfValidity = (endsInWords: string) => endsInWords.replace(/^le ore /, "alle ore ");

/** A term: until when, and a countdown or action as its children. */
export function DeadlineBox({ label, endsInWords, children, tone = "warning", isValidity = false }: DeadlineProps) {
  return (
    <div class={`deadline deadline-${tone}`}>
      <p class="deadline-label">
        <Icon name="clock" label={it.time.deadline} />
        <span>{label}</span>
      </p>
      <p class="deadline-end">
        {isValidity ? "scade" : "entro"} <strong>{isValidity ? endOfValidity(endsInWords) : endsInWords}</strong> {it.time.zone}
      </p>
      {children}
    </div>
  );
}

/** A term of a case as the API tells it: whose it is, and whether it asks for something. */
export function TermBox({ term, children }: { term: TermView; children?: (isAsked: boolean) => ComponentChildren }) {
  const isAsked = asksApplicant(term);
  return (
    <DeadlineBox label={term.label} endsInWords={term.ends_in_words} tone={isAsked ? "warning" : "neutral"} isValidity={term.kind === VALIDITY}>
      {term.who_acts === "office" && <p>{it.time.ofTheOffice}</p>}
      {children?.(isAsked)}
    </DeadlineBox>
  );
}

/** One mistake: what to do, and the id of the control it belongs to. */
export interface Mistake {
  field: string;
  message: string;
}

/** All mistakes of a page, focused when they appear; each leads to its field. */
export function ErrorSummary({ mistakes }: { mistakes: readonly Mistake[] }) {
  const box = useRef<HTMLDivElement>(null);
  const isShown = mistakes.length > 0;
  useEffect(() => {
    if (isShown) box.current?.focus();
  }, [isShown]);
  if (!isShown) return null;
  return (
    <div class="error-summary" ref={box} tabIndex={-1} role="group" aria-labelledby="error-summary-title">
      <h2 id="error-summary-title">
        <Icon name="error" />
        {it.form.errorSummary(mistakes.length)}
      </h2>
      <ul>
        {mistakes.map(({ field, message }) => (
          <li key={field + message}>
            <a href={`#${field}`} onClick={(event) => focusField(event, field)}>
              <Plain text={message} />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function focusField(event: MouseEvent, field: string): void {
  const control = document.getElementById(field);
  if (!control) return;
  event.preventDefault();
  // A group of choices has its id on the fieldset: the first choice takes the focus.
  const target = control.matches("fieldset") ? control.querySelector<HTMLElement>("input, select, button") : control;
  control.scrollIntoView({ block: "center" });
  target?.focus({ preventScroll: true });
}

/** An explanation that opens on demand. */
export function Details({ title, children, id, isOpen = false }: { title: string; children: ComponentChildren; id?: string; isOpen?: boolean }) {
  return (
    <details class="disclosure" id={id} open={isOpen}>
      <summary>
        <Icon name="chevron-right" />
        <span>{title}</span>
      </summary>
      <div class="disclosure-body">{children}</div>
    </details>
  );
}

/** Text of the catalogue inside a callout. */
export function NoteText({ text }: { text: string }) {
  return (
    <p>
      <Rich text={text} />
    </p>
  );
}
