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
import { accepted, formatsInWords, sizeInWords, type Limits } from "../../uploads/local-check";
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
  const closed = isIdle ? uploads.closedInWords(purpose) : undefined;
  const remove = () => {
    uploads.dismiss(purpose);
    autosave.type(field.key, null);
    autosave.leave();
    onLeave();
  };
  const which = document && [sizeInWords(document.bytes), stored && short(stored.at)].filter(Boolean).join(", ");
  const stands: FileState = isIdle && which !== undefined ? { state: "accepted", name: uploadTexts.stored, note: which } : shownState(state);
  const attempts = uploads.attemptsInWords(purpose);
  return (
    <FileField
      id={field.key}
      label={field.label}
      help={`${field.help} ${uploadTexts.formats(formatsInWords(limits))}`.trim()}
      error={error ?? null}
      isOptional={!completeness.view.isRequired(field)}
      file={stands}
      accept={accepted(limits)}
      closed={closed}
      onChoose={(file) => void uploads.choose(purpose, field.label, file, limits)}
      {...(isIdle || state.kind === "checking" ? {} : { onCancel: () => uploads.cancel(purpose) })}
      {...(isIdle && document ? { onRemove: remove } : {})}
    >
      {state.kind === "refused" && (
        // Beside the file's name it stands already that it was refused; where another document stands there, it does not.
        <Callout tone="danger" title={which === undefined ? undefined : uploadTexts.newRefused}>
          {which === undefined ? <p>{state.message}</p> : <NotTaken name={state.name} />}
          <ul>
            {state.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          {which !== undefined && <p>{uploadTexts.stillStands(which)}</p>}
          {closed === undefined && <p>{uploadTexts.retryHelp}</p>}
        </Callout>
      )}
      {state.kind === "failed" && (
        <Callout tone="warning" title={which === undefined ? undefined : uploadTexts.newFailed}>
          {which !== undefined && <NotTaken name={state.name} />}
          <p>{state.cause}</p>
          {which !== undefined && <p>{uploadTexts.stillStands(which)}</p>}
          {state.mayRetry && closed === undefined && (
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
      {attempts !== undefined && <SourceLine source={attempts} />}
    </FileField>
  );
}

/** Which file was not taken, where another one stands above. */
function NotTaken({ name }: { name: string }) {
  return (
    <p class="file-name" translate={false}>
      {name}
    </p>
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
      return { state: "checking", name: state.name, note: state.isSlow ? uploadTexts.slow : (state.told ?? uploadTexts.checking) };
    case "refused":
      return { state: "refused", name: state.name, note: uploadTexts.refused };
    case "failed":
      return { state: "refused", name: state.name, note: uploadTexts.failed };
  }
}
