// «Compila»: the sections with the status of each, in any order; and one section with its questions. Where nothing can be
// changed, the same to be read.

import { useEffect, useRef, useState } from "preact/hooks";
import { TaskList } from "../../components/lists";
import { announce } from "../../components/live";
import { Callout, ErrorSummary, StateBadge, toneOf, type Mistake, type Tone } from "../../components/messages";
import type { Completeness } from "../../form/completeness";
import type { Field, Section } from "../../form/schema";
import { firstGap, sectionStatus, statusLabel, type SectionStatus } from "../../form/section-status";
import { isWritable } from "../../form/source";
import { navigate } from "../../routing/location";
import { to, type PageProps } from "../../routing/pages";
import { formTexts } from "../../texts/it/form";
import { Answer, GivenAnswer } from "./answer";
import type { OpenDraft } from "./open-draft";
import { DraftPage, listTitle } from "./use-draft";

const TONES: Record<SectionStatus["kind"], Tone> = {
  complete: "success",
  missing: "warning",
  awaiting: "info",
  wrong: "danger",
  untouched: "neutral",
};

/** The page. */
export default function FillIn({ params }: PageProps) {
  const id = params["id"] ?? "";
  const key = params["section"];
  if (key === undefined) {
    return (
      <DraftPage id={id} title={listTitle} lead={(draft) => (draft === undefined || draft.mayEdit ? formTexts.lead : formTexts.read.lead)} isBelow={false}>
        {(draft) => (draft.mayEdit ? <Sections draft={draft} /> : <SectionsToRead draft={draft} />)}
      </DraftPage>
    );
  }
  const find = (draft: OpenDraft | undefined) => draft?.model.sections.find((section) => section.key === key);
  return (
    <DraftPage id={id} title={(draft) => find(draft)?.title ?? listTitle(draft)}>
      {(draft) => {
        const section = find(draft);
        if (!section) {
          return (
            <Callout tone="warning" title={formTexts.unknownSection}>
              <p>
                <a href={to("/domande/:id/compila/:section?", { id })}>{formTexts.list}</a>
              </p>
            </Callout>
          );
        }
        return draft.mayEdit ? <Questions draft={draft} section={section} /> : <SectionToRead draft={draft} section={section} />;
      }}
    </DraftPage>
  );
}

function Sections({ draft }: { draft: OpenDraft }) {
  const { id, model } = draft;
  const view = draft.view.value;
  const judged = draft.completeness();
  const refused = draft.refused();
  const tasks = model.sections.map((section) => {
    const status = sectionStatus(model, section, draft.autosave.answers(), judged, refused);
    return {
      href: to("/domande/:id/compila/:section?", { id, section: section.key }),
      title: section.title,
      help: section.help,
      status: statusLabel(status),
      tone: TONES[status.kind],
    };
  });
  const gap = firstGap(model, judged, refused);
  const section = gap === undefined ? undefined : model.field(gap)?.section;
  return (
    <>
      <p class="with-badge">
        <StateBadge label={view.state_label} tone={toneOf(view.state)} /> <span>{formTexts.percent(view.percent)}</span>
      </p>
      {view.attention && (
        <Callout tone="warning">
          <p>{view.attention.text}</p>
        </Callout>
      )}
      <p>
        {section !== undefined && gap !== undefined ? (
          <a class="btn btn-primary" href={`${to("/domande/:id/compila/:section?", { id, section })}#${gap}`}>
            {formTexts.goOn}
          </a>
        ) : (
          <a class="btn btn-primary" href={to("/domande/:id/compila/controlla", { id })}>
            {formTexts.review}
          </a>
        )}
      </p>
      <TaskList tasks={tasks} />
      {section !== undefined && (
        <p>
          <a href={to("/domande/:id/compila/controlla", { id })}>{formTexts.review}</a>
        </p>
      )}
    </>
  );
}

/** Without what is missing or wrong: nobody can do anything about it here. */
function SectionsToRead({ draft: { id, model, view } }: { draft: OpenDraft }) {
  const { state, state_label } = view.value;
  return (
    <>
      <p>
        <StateBadge label={state_label} tone={toneOf(state)} />
      </p>
      <p>
        <a class="btn btn-primary" href={to("/domande/:id/compila/controlla", { id })}>
          {formTexts.read.all}
        </a>
      </p>
      <ul class="task-list">
        {model.sections.map(({ key, title }) => (
          <li key={key}>
            <a href={to("/domande/:id/compila/:section?", { id, section: key })}>{title}</a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The questions of a section that are asked now. */
function asked({ model }: OpenDraft, { view }: Completeness, section: Section): Field[] {
  return model.fields.filter((field) => field.section === section.key && view.isAsked(field.key));
}

function SectionToRead({ draft, section }: { draft: OpenDraft; section: Section }) {
  const { id } = draft;
  const judged = draft.completeness();
  const fields = asked(draft, judged, section);
  const next = nextOf(draft, section);
  return (
    <>
      {fields.length === 0 && <p>{formTexts.read.nothing}</p>}
      {fields.map((field) => (
        <GivenAnswer key={field.key} draft={draft} field={field} completeness={judged} error={undefined} />
      ))}
      {next && (
        <p>
          <a class="btn btn-outline-primary" href={to("/domande/:id/compila/:section?", { id, section: next.key })}>
            {formTexts.read.next(next.title)}
          </a>
        </p>
      )}
      <p>
        <a href={to("/domande/:id/compila/:section?", { id })}>{formTexts.list}</a>
      </p>
    </>
  );
}

function Questions({ draft, section }: { draft: OpenDraft; section: Section }) {
  const { autosave, id } = draft;
  const judged = draft.completeness();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  /** How often the end of the section was pressed with something wrong in it. */
  const [ends, setEnds] = useState(0);
  const isEnded = ends > 0;
  const form = useRef<HTMLFormElement>(null);
  const fields = asked(draft, judged, section);
  useEffect(() => {
    const key = decodeURIComponent(location.hash.slice(1));
    if (key !== "") form.current?.querySelector<HTMLElement>(`[id="${CSS.escape(key)}"]`)?.focus();
  }, []);
  const error = (field: Field) => {
    const isDue = isEnded || left.has(field.key);
    return isDue ? mistakeOf(draft, judged, field, isEnded) : undefined;
  };
  const mistakes: Mistake[] = isEnded
    ? fields.flatMap((field) => {
        const message = error(field);
        return message === undefined ? [] : [{ field: field.key, message }];
      })
    : [];
  const end = () => {
    void autosave.resume();
    const isWrong = fields.some((field) => mistakeOf(draft, judged, field, true) !== undefined);
    if (isWrong) setEnds(ends + 1);
    else void navigate(after(draft, section));
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        end();
      }}
      onFocusIn={({ target }) => {
        const field = target instanceof Element ? fieldOf(target, fields) : undefined;
        if (field) autosave.enter(field.key);
      }}
    >
      {/* Anew with each press, so that it takes the focus again. */}
      <ErrorSummary key={ends} mistakes={mistakes} />
      {section.help && <p>{section.help}</p>}
      {fields.length === 0 && <p>{formTexts.nothingHere}</p>}
      {fields.map((field) => (
        <Answer
          key={field.key}
          draft={draft}
          field={field}
          completeness={judged}
          error={error(field)}
          onLeave={() => {
            setLeft(new Set(left).add(field.key));
            const message = autosave.mistake(field.key);
            if (message !== undefined) announce(message);
          }}
        />
      ))}
      <p>
        <button type="submit" class="btn btn-primary">
          {formTexts.next}
        </button>
      </p>
      <p>
        <a href={to("/domande/:id/compila/:section?", { id })}>{isEnded && mistakes.length > 0 ? formTexts.leaveAnyway : formTexts.list}</a>
      </p>
    </form>
  );
}

/** The field in whose control somebody is; boxes of a date and radio buttons carry its key with an ending. */
function fieldOf(target: Element, fields: readonly Field[]): Field | undefined {
  return fields.find(({ key }) => target.id === key || target.id.startsWith(`${key}-`));
}

/** What a person can do about the field: what is typed is wrong, what is stored is, or nothing is there. */
function mistakeOf(draft: OpenDraft, judged: Completeness, field: Field, isEnd: boolean): string | undefined {
  const typed = draft.autosave.mistake(field.key);
  if (typed !== undefined) return typed;
  const mistake = judged.mistakes.find((each) => each.field === field.key);
  if (mistake) return mistake.message;
  if (!isEnd || !isWritable(field, draft.autosave.draft.values.get(field.key))) return undefined;
  const isMissing = judged.sections.some(({ missing }) => missing.some((each) => each.field.key === field.key));
  return isMissing ? formTexts.missing(field.label) : undefined;
}

function nextOf({ model }: OpenDraft, section: Section): Section | undefined {
  return model.sections[model.sections.indexOf(section) + 1];
}

/** The next section, or the check after the last. */
function after(draft: OpenDraft, section: Section): string {
  const { id } = draft;
  const next = nextOf(draft, section);
  return next ? to("/domande/:id/compila/:section?", { id, section: next.key }) : to("/domande/:id/compila/controlla", { id });
}
