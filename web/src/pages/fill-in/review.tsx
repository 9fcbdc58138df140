// «Controlla»: every answer that is asked, with where to change it, what is wrong, and what an officer will look at.

import { SummaryList } from "../../components/lists";
import { Callout } from "../../components/messages";
import { long } from "../../dates/instant";
import { useFact } from "../../facts/facts";
import { shownValue } from "../../form/entry";
import { isWritable } from "../../form/source";
import { to, type PageProps } from "../../routing/pages";
import { formTexts } from "../../texts/it/form";
import type { OpenDraft } from "./open-draft";
import { crumbsTo, DraftPage } from "./use-draft";
import { whyEmpty } from "./why-empty";

/** The page. */
export default function Review({ params }: PageProps) {
  const id = params["id"] ?? "";
  return (
    <DraftPage id={id} title={() => formTexts.review} lead={formTexts.reviewLead} crumbs={crumbsTo(id)}>
      {(draft) => <Answers draft={draft} />}
    </DraftPage>
  );
}

function Answers({ draft }: { draft: OpenDraft }) {
  const { autosave, id, model } = draft;
  const completeness = draft.completeness();
  const { view, mistakes, remarks } = completeness;
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
      {isReady ? <Ready draft={draft} /> : <p>{formTexts.percent(draft.view.value.percent)}</p>}
      {mistakes.length > 0 && (
        <Callout tone="danger" title={formTexts.wrongTitle} level={2}>
          {told(mistakes)}
        </Callout>
      )}
      {remarks.length > 0 && (
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
                const answer = autosave.shown(field.key) ?? view.value(field.key);
                const mayChange = draft.mayEdit && isWritable(field, autosave.draft.values.get(field.key));
                return {
                  name: field.label,
                  value: answer === undefined && !mayChange ? whyEmpty(draft, field, completeness) : shownValue(model, field, answer ?? null),
                  ...(mayChange ? { change: { href: linkTo(field.key), label: formTexts.change } } : {}),
                };
              })}
          />
        </section>
      ))}
      <p hidden={!draft.mayEdit}>
        <button type="button" class="btn btn-primary" onClick={() => void autosave.saveExplicitly()}>
          {formTexts.save}
        </button>
      </p>
    </>
  );
}

function Ready({ draft }: { draft: OpenDraft }) {
  const facts = useFact("calendar.json");
  const { campaign, model } = draft.view.value;
  const campaigns = facts.state === "ready" ? facts.data.campaigns : [];
  const found = campaigns.find((each) => each.campaign === campaign)?.models.find((each) => each.id === model);
  const day = found?.click_day_in_words ?? (found?.click_day ? long(found.click_day) : undefined);
  return (
    <Callout tone="success" title={formTexts.ready} level={2}>
      {day !== undefined && <p>{formTexts.readyOn(day)}</p>}
      <p>{formTexts.readyText}</p>
      <p>
        <a href={to("/domande/:id", { id: draft.id })}>{formTexts.readyLink}</a>
      </p>
    </Callout>
  );
}
