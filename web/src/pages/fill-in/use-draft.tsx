// The frame of the pages of «Compila»: the draft while it is read, why it cannot be, and how it is saved.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { doings } from "../../applications/actions";
import { announce } from "../../components/live";
import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { PrintLine } from "../../components/print-line";
import { ErrorState, Loading } from "../../components/states";
import { clockTime } from "../../dates/instant";
import { place } from "../../routing/location";
import { to } from "../../routing/pages";
import { session } from "../../session/session";
import { it } from "../../texts/it";
import { formTexts } from "../../texts/it/form";
import { closeDraft, openDraft, type OpenDraft } from "./open-draft";

type Opened = { readonly draft: OpenDraft } | { readonly problem: Problem } | undefined;

interface Props {
  id: string;
  title: (draft: OpenDraft | undefined) => string;
  lead?: (draft: OpenDraft | undefined) => string;
  /** A page below the list of sections. */
  isBelow?: boolean;
  /** The page on which conflicts are settled does not lead to itself. */
  isConflictPage?: boolean;
  children: (draft: OpenDraft) => ComponentChildren;
}

/** Shows its children once the draft is there, and draws them anew with each change of it. */
export function DraftPage({ id, title, lead, isBelow = true, isConflictPage = false, children }: Props) {
  const [opened, setOpened] = useState<Opened>(undefined);
  const [tries, setTries] = useState(0);
  const account = session.value.state === "signed-in" ? session.value.view.account : undefined;
  useEffect(() => {
    if (account === undefined) return;
    let isHere = true;
    openDraft(id, account).then(
      (draft) => void (isHere && setOpened({ draft })),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        if (isHere) setOpened({ problem: error });
      },
    );
    return () => {
      isHere = false;
      if (!place.value.path.startsWith(to("/domande/:id/compila/:section?", { id }))) closeDraft();
    };
  }, [id, account, tries]);
  const draft = opened && "draft" in opened ? opened.draft : undefined;
  const crumbs = [
    { label: it.list.applications, href: to("/domande") },
    { label: it.list.application, href: to("/domande/:id", { id }) },
    ...(isBelow ? [{ label: listTitle(draft), href: to("/domande/:id/compila/:section?", { id }) }] : []),
  ];
  const again = () => {
    setOpened(undefined);
    setTries(tries + 1);
  };
  return (
    <Page title={title(draft)} crumbs={crumbs} {...(lead === undefined ? {} : { lead: lead(draft) })}>
      {opened === undefined && <Loading lines={8} onRetry={again} />}
      {opened && "problem" in opened && <ErrorState problem={opened.problem} wayOn={{ href: to("/domande"), label: it.list.toApplications }} onRetry={again} />}
      {draft && <Shown draft={draft} isConflictPage={isConflictPage}>{children}</Shown>}
      <PrintLine id={id} />
    </Page>
  );
}

function Shown({ draft, isConflictPage, children }: { draft: OpenDraft; isConflictPage: boolean; children: (draft: OpenDraft) => ComponentChildren }) {
  const { conflicts } = draft.autosave;
  return (
    <>
      <SaveLine draft={draft} />
      {conflicts.length > 0 && !isConflictPage && (
        <Callout tone="warning" title={formTexts.conflictCallout(conflicts.length)}>
          <p>
            <a href={to("/domande/:id/compila/conflitto", { id: draft.id })}>{formTexts.conflictOpen(conflicts.length)}</a>
          </p>
        </Callout>
      )}
      {!draft.mayEdit && <ReadOnly draft={draft} />}
      {children(draft)}
    </>
  );
}

/** That nothing can be changed, and why as far as the calendar says it; where an armed send is why, what has to be undone for it and where. */
function ReadOnly({ draft }: { draft: OpenDraft }) {
  const { id, campaign, model, state, actions } = draft.view.value;
  const disarm = state === "armed" ? doings({ id, campaign, model, allowed: actions }).find(({ action }) => action === "disarm") : undefined;
  const closed = actions.find(({ action }) => action === "save")?.closed;
  return (
    <Callout title={state === "armed" ? formTexts.armed.title : formTexts.readOnly}>
      {closed && <p>{closed}</p>}
      {state === "armed" && <p>{disarm ? formTexts.armed.undo : formTexts.armed.late}</p>}
      <p>{disarm ? <a href={disarm.href}>{disarm.label}</a> : <a href={to("/domande/:id", { id })}>{formTexts.toApplication}</a>}</p>
    </Callout>
  );
}

/** «Salvato alle 12:04», or that it is not saved, why, and how to try again where it does not by itself; only the first failure interrupts. */
function SaveLine({ draft }: { draft: OpenDraft }) {
  const { state, alarms } = draft.autosave;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (state.kind !== "failed" && state.kind !== "stopped") return;
    const told = formTexts.notSaved(state.cause);
    announce(state.kind === "stopped" ? `${told} ${formTexts.stopped}` : told, "assertive");
  }, [alarms]);
  const retry = () => {
    // The button goes while it saves; whoever pressed it keeps their place.
    box.current?.focus();
    void draft.autosave.resume();
  };
  return (
    <div ref={box} tabIndex={-1}>
      <SaveState state={state}>
        {state.kind === "stopped" && (
          <>
            <p>{formTexts.stopped}</p>
            <p>
              <button type="button" class="btn btn-outline-primary" onClick={retry}>
                {formTexts.retry}
              </button>
            </p>
          </>
        )}
      </SaveState>
    </div>
  );
}

/** The same, to be read; what can be done about it stands within. */
export function SaveState({ state, children }: { state: OpenDraft["autosave"]["state"]; children?: ComponentChildren }) {
  switch (state.kind) {
    case "idle":
      return <p class="save-line" />;
    case "saving":
      return <p class="save-line">{formTexts.saving}</p>;
    case "saved":
      return <p class="save-line">{formTexts.saved(clockTime(state.at))}</p>;
    default:
      return (
        <Callout tone="warning" title={formTexts.notSaved(state.cause)}>
          {children}
        </Callout>
      );
  }
}

/** What the list of sections is called: nobody is told to fill in what cannot be changed. */
export function listTitle(draft: OpenDraft | undefined): string {
  return draft === undefined || draft.mayEdit ? formTexts.title : formTexts.read.title;
}
