// The answers of an application, read-only, once somebody wants to see them.

import { useRef, useState } from "preact/hooks";
import { api, call } from "../../api/client";
import type { ApplicationView } from "../../api/generated";
import { useReading } from "../../api/reading";
import { answered, type ServedForm } from "../../applications/answers";
import { isSent } from "../../applications/states";
import { SummaryList } from "../../components/lists";
import { Read } from "../../components/read";
import { texts as all } from "../../texts/it/applications";

const texts = all.one;

async function read({ id, schema }: ApplicationView, signal: AbortSignal) {
  const [draft, form] = await Promise.all([
    call((options) => api.readDraft(id, options), { signal }),
    call((options) => api.readModel(schema, options), { signal }),
  ]);
  return answered(form.data as unknown as ServedForm, draft.data);
}

function Answers({ application }: { application: ApplicationView }) {
  const sections = useReading(application.id, (signal) => read(application, signal));
  return (
    <Read of={sections} lines={10}>
      {(found) => (
        <>
          {found.map((section) => (
            <section key={section.key}>
              <h3>{section.title}</h3>
              <SummaryList rows={section.answers.map(({ label, value }) => ({ name: label, value: <span translate={false}>{value}</span> }))} />
            </section>
          ))}
        </>
      )}
    </Read>
  );
}

/** The part of the page. */
export function AnswersSent({ application }: { application: ApplicationView }) {
  const [isOpen, setOpen] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const open = () => {
    setOpen(true);
    // The answers take the button's place.
    heading.current?.focus();
  };
  return (
    // On paper a heading without answers would be an empty promise.
    <section class={isOpen ? undefined : "no-print"}>
      <h2 ref={heading} tabIndex={-1}>
        {isSent(application.state) ? texts.answers : texts.answersSoFar}
      </h2>
      {isOpen ? (
        <Answers application={application} />
      ) : (
        <p>
          <button type="button" class="btn btn-outline-primary" onClick={open}>
            {texts.showAnswers}
          </button>
        </p>
      )}
    </section>
  );
}
