// A question that asks for a document: the file travels at once, and becomes the answer when the checks have passed.

import { useEffect } from "preact/hooks";
import { FileField, type FileState } from "../../components/controls";
import { SourceLine } from "../../components/field";
import { Callout } from "../../components/messages";
import { short } from "../../dates/instant";
import type { Completeness } from "../../form/completeness";
import { readDocument } from "../../form/document";
import type { Field } from "../../form/schema";
import { uploadTexts } from "../../texts/it/uploads";
import { accepted, sizeInWords, type Limits } from "../../uploads/local-check";
import type { UploadState } from "../../uploads/uploads";
import type { OpenDraft } from "./open-draft";

interface Props {
  draft: OpenDraft;
  field: Field;
  completeness: Completeness;
  limits: Limits;
  error: string | undefined;
  onLeave: () => void;
}

/** The field, with what became of the last file. */
export function DocumentAnswer({ draft, field, completeness, limits, error, onLeave }: Props) {
  const { autosave, uploads } = draft;
  const purpose = `field:${field.key}`;
  const state = uploads.state(purpose);
  useEffect(() => void uploads.open(), [draft]);
  const entry = autosave.entries.get(field.key);
  const stored = autosave.draft.values.get(field.key);
  // Taken out and not saved yet: out it is.
  const document = entry ? readDocument(entry.typed) : readDocument(stored?.value);
  const isIdle = state.kind === "none" || state.kind === "refused" || state.kind === "failed";
  const isExhausted = isIdle && uploads.attemptsLeft(purpose) === 0;
  const remove = () => {
    uploads.dismiss(purpose);
    autosave.type(field.key, null);
    autosave.leave();
    onLeave();
  };
  const stands: FileState = isIdle && document
    ? { state: "accepted", name: uploadTexts.stored, note: [sizeInWords(document.bytes), stored && short(stored.at)].filter(Boolean).join(", ") }
    : shownState(state);
  const attempts = uploads.attemptsInWords(purpose);
  return (
    <FileField
      id={field.key}
      label={field.label}
      help={field.help}
      error={error ?? null}
      isOptional={!completeness.view.isRequired(field)}
      file={stands}
      accept={accepted(limits)}
      onChoose={(file) => void uploads.choose(purpose, field.label, file, limits)}
      {...(isIdle || state.kind === "checking" ? {} : { onCancel: () => uploads.cancel(purpose) })}
      {...(isIdle && document ? { onRemove: remove } : {})}
    >
      {state.kind === "refused" && (
        <Callout tone="danger" title={uploadTexts.refused}>
          <p>{state.message}</p>
          <ul>
            {state.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          <p>{uploadTexts.retryHelp}</p>
        </Callout>
      )}
      {state.kind === "failed" && (
        <Callout tone="warning" title={uploadTexts.failed}>
          <p>{state.cause}</p>
          {state.mayRetry && (
            <p>
              <button type="button" class="btn btn-outline-primary" onClick={() => uploads.retry(purpose)}>
                {uploadTexts.retry}
                <span class="visually-hidden"> {field.label}</span>
              </button>
            </p>
          )}
        </Callout>
      )}
      {state.kind === "checking" && state.isSlow && (
        <p>
          <button type="button" class="btn btn-outline-primary" onClick={() => uploads.askNow(purpose)}>
            {uploadTexts.askNow}
            <span class="visually-hidden"> {field.label}</span>
          </button>
        </p>
      )}
      {isExhausted && state.kind !== "failed" && <SourceLine source={uploadTexts.exhausted} />}
      {!isExhausted && attempts !== undefined && <SourceLine source={attempts} />}
    </FileField>
  );
}

function shownState(state: UploadState): FileState {
  switch (state.kind) {
    case "none":
      return { state: "none" };
    case "preparing":
      return { state: "uploading", name: state.name, percent: 0 };
    case "sending":
      return { state: "uploading", name: state.name, percent: state.percent };
    case "checking":
      return { state: "checking", name: state.name, note: state.isSlow ? uploadTexts.slow : uploadTexts.checking };
    case "refused":
      return { state: "refused", name: state.name, note: uploadTexts.refused };
    case "failed":
      return { state: "refused", name: state.name, note: uploadTexts.failed };
  }
}
