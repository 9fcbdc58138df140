// «Conflitto»: per field one's own answer and the one that others saved; none is chosen beforehand, the rest is saved.

import { useState } from "preact/hooks";
import { ChoiceGroup } from "../../components/controls";
import { ErrorSummary } from "../../components/messages";
import { short } from "../../dates/instant";
import { shownValue } from "../../form/entry";
import type { Value } from "../../form/schema";
import { navigate } from "../../routing/location";
import { to, type PageProps } from "../../routing/pages";
import { formTexts } from "../../texts/it/form";
import type { OpenDraft } from "./open-draft";
import { DraftPage } from "./use-draft";

/** The page. */
export default function Conflict({ params }: PageProps) {
  const id = params["id"] ?? "";
  return (
    <DraftPage id={id} title={() => formTexts.conflictTitle} lead={() => formTexts.conflictLead} isConflictPage>
      {(draft) => <Choices draft={draft} />}
    </DraftPage>
  );
}

type Whose = "mine" | "theirs";

function Choices({ draft }: { draft: OpenDraft }) {
  const { autosave, id, model } = draft;
  const [chosen, setChosen] = useState<ReadonlyMap<string, Whose>>(new Map());
  const [ends, setEnds] = useState(0);
  const isEnded = ends > 0;
  const list = to("/domande/:id/compila/:section?", { id });
  if (autosave.conflicts.length === 0) {
    return (
      <>
        <p>{formTexts.conflictNone}</p>
        <p>
          <a href={list}>{formTexts.list}</a>
        </p>
      </>
    );
  }
  const labelOf = (key: string) => model.field(key)?.label ?? key;
  const shown = (key: string, value: Value) => {
    const field = model.field(key);
    return field ? shownValue(model, field, value) : formTexts.empty;
  };
  const count = autosave.conflicts.length;
  const open = autosave.conflicts.filter(({ field }) => !chosen.has(field));
  const messageOf = (key: string) =>
    isEnded && open.some(({ field }) => field === key) ? formTexts.conflictUnchosen(labelOf(key)) : null;
  const end = () => {
    setEnds(ends + 1);
    if (open.length > 0) return;
    for (const [field, whose] of chosen) autosave.resolve(field, whose);
    void navigate(list);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        end();
      }}
    >
      {/* Anew with each press, so that it takes the focus again. */}
      <ErrorSummary
        key={ends}
        mistakes={isEnded ? open.map(({ field }) => ({ field, message: formTexts.conflictUnchosen(labelOf(field)) })) : []}
      />
      {autosave.conflicts.map(({ field, yours, theirs, by, at }) => (
        <ChoiceGroup
          key={field}
          id={field}
          label={labelOf(field)}
          help={formTexts.conflictFrom(by === undefined ? formTexts.conflictBySomebody : formTexts.conflictBy[by], at === undefined ? undefined : short(at))}
          error={messageOf(field)}
          choices={[
            { value: "mine", label: formTexts.conflictYours(shown(field, yours)) },
            { value: "theirs", label: formTexts.conflictTheirs(shown(field, theirs)) },
          ]}
          value={chosen.has(field) ? [chosen.get(field) ?? ""] : []}
          onChange={([whose]) => setChosen(new Map(chosen).set(field, whose === "mine" ? "mine" : "theirs"))}
        />
      ))}
      <p>
        <button type="submit" class="btn btn-primary">
          {formTexts.conflictDone(count)}
        </button>
      </p>
      <p>
        <a href={list}>{formTexts.list}</a>
      </p>
    </form>
  );
}
