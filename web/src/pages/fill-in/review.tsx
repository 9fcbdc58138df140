// «Controlla»: every answer that is asked, with where to change it, what is missing or wrong, and what an officer will look at.

import { useState } from "preact/hooks";
import { useModelNow } from "../../applications/model-now";
import { SummaryList } from "../../components/lists";
import { announce } from "../../components/live";
import { Callout, StateBadge } from "../../components/messages";
import { clockTime, long } from "../../dates/instant";
import type { Completeness } from "../../form/completeness";
import { shownValue } from "../../form/entry";
import { isWritable } from "../../form/source";
import { to, type PageProps } from "../../routing/pages";
import { sendingStanding } from "../../sending/moments";
import { formTexts } from "../../texts/it/form";
import { sending as sendingTexts } from "../../texts/it/sending";
import type { OpenDraft } from "./open-draft";
import { DraftPage, SaveState } from "./use-draft";
import { whyEmpty } from "./why-empty";

/** The page. */
export default function Review({ params }: PageProps) {
  const id = params["id"] ?? "";
  const isRead = (draft: OpenDraft | undefined) => draft !== undefined && !draft.mayEdit;
  return (
    <DraftPage
      id={id}
      title={(draft) => (isRead(draft) ? formTexts.read.everything : formTexts.review)}
      lead={(draft) => (isRead(draft) ? formTexts.read.everythingLead : formTexts.reviewLead)}
    >
      {(draft) => <Answers draft={draft} />}
    </DraftPage>
  );
}

function Answers({ draft }: { draft: OpenDraft }) {
  const { autosave, id, mayEdit, model } = draft;
  const completeness = draft.completeness();
  const { view, mistakes, remarks } = completeness;
  const gaps = mayEdit ? gapsOf(completeness) : [];
  const isGap = (key: string) => gaps.some(({ keys }) => keys.includes(key));
  const [firstKey] = gaps[0]?.keys ?? [];
  const isUnsaved = Array.from(autosave.entries.keys()).some((key) => view.isAsked(key));
  const isReady = draft.view.value.percent === 100 && mistakes.length === 0 && !isUnsaved;
  const linkTo = (key: string) => `${to("/domande/:id/compila/:section?", { id, section: model.field(key)?.section ?? "" })}#${key}`;
  const told = (these: typeof mistakes) => (
    <ul>
      {these.map(({ field, code, message }) => (
        <li key={`${field} ${code}`}>
          <a href={linkTo(field)}>{message}</a>
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {mayEdit && (isReady ? <Ready draft={draft} /> : <p>{formTexts.percent(draft.view.value.percent)}</p>)}
      {gaps.length > 0 && (
        <Callout tone="warning" title={formTexts.gapsTitle(gaps.reduce((sum, { keys }) => sum + keys.length, 0))} level={2}>
          <ul>
            {gaps.map(({ section, keys }) => (
              <li key={section}>
                <a href={linkTo(keys[0] ?? "")}>{formTexts.gapsOf(model.sections.find(({ key }) => key === section)?.title ?? section, keys.length)}</a>
              </li>
            ))}
          </ul>
        </Callout>
      )}
      {mayEdit && mistakes.length > 0 && (
        <Callout tone="danger" title={formTexts.wrongTitle} level={2}>
          {told(mistakes)}
        </Callout>
      )}
      {mayEdit && remarks.length > 0 && (
        <Callout tone="warning" title={formTexts.remarksTitle} level={2}>
          {told(remarks)}
        </Callout>
      )}
      {model.sections.map((section) => (
        <section key={section.key}>
          <h2>{section.title}</h2>
          <SummaryList
            rows={model.fields
              .filter((field) => field.section === section.key && view.isAsked(field.key))
              .map((field) => {
                const answer = (mayEdit ? autosave.shown(field.key) : null) ?? view.value(field.key);
                const mayChange = mayEdit && isWritable(field, autosave.draft.values.get(field.key));
                const isMissing = mayChange && isGap(field.key);
                const empty = isMissing ? <StateBadge label={formTexts.gap} tone="warning" /> : whyEmpty(draft, field, completeness);
                return {
                  name: field.label,
                  value: answer == null ? empty : shownValue(model, field, answer),
                  ...(mayChange ? { change: { href: linkTo(field.key), label: isMissing ? formTexts.answer : formTexts.change } } : {}),
                };
              })}
          />
        </section>
      ))}
      {firstKey !== undefined && (
        <p>
          <a class="btn btn-primary" href={linkTo(firstKey)}>
            {formTexts.toGap}
          </a>
        </p>
      )}
      {mayEdit && <Save draft={draft} />}
    </>
  );
}

/** What a person still has to answer, by section. */
function gapsOf({ sections }: Completeness): { section: string; keys: string[] }[] {
  return sections
    .map(({ key, missing }) => ({ section: key, keys: missing.filter(({ who }) => who === "person").map(({ field }) => field.key) }))
    .filter(({ keys }) => keys.length > 0);
}

/** «Salva»: all is saved already, so it says what it is for, and what became of it where it was pressed. */
function Save({ draft }: { draft: OpenDraft }) {
  const [isPressed, setPressed] = useState(false);
  const { state } = draft.autosave;
  const press = async () => {
    setPressed(true);
    await draft.autosave.saveExplicitly();
    const after = draft.autosave.state;
    if (after.kind === "saved") announce(formTexts.saved(clockTime(after.at)));
  };
  return (
    <>
      <p>{formTexts.saveHelp}</p>
      <p>
        <button type="button" class="btn btn-outline-primary" onClick={() => void press()}>
          {formTexts.save}
        </button>
      </p>
      {isPressed && <SaveState state={state} />}
    </>
  );
}

function Ready({ draft }: { draft: OpenDraft }) {
  const known = useModelNow(draft.view.value);
  const sending = known.state === "ready" ? sendingStanding(known.model, known.now) : null;
  return (
    <Callout tone="success" title={formTexts.ready} level={2}>
      {sending?.state === "opens" && <p>{sendingTexts.openings.opens(long(sending.at))}</p>}
      {sending?.state === "open" && (
        <p>{sending.until === null ? sendingTexts.openings.open : sendingTexts.openings.openUntil(long(sending.until, "end"))}</p>
      )}
      <p>{formTexts.readyText}</p>
      <p>
        <a href={to("/domande/:id", { id: draft.id })}>{formTexts.readyLink}</a>
      </p>
    </Callout>
  );
}
