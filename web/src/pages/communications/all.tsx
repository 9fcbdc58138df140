// «Comunicazioni»: what was sent about all applications, or only what waits for an answer.

import { api, call } from "../../api/client";
import type { CommunicationRow } from "../../api/generated";
import { useReading } from "../../api/reading";
import { Code } from "../../components/code";
import { DataTable, Pager } from "../../components/lists";
import { StateBadge } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { SectionNav } from "../../components/section-nav";
import { Empty } from "../../components/states";
import { short } from "../../dates/instant";
import { place } from "../../routing/location";
import { ifThere, to } from "../../routing/pages";
import { texts as applications } from "../../texts/it/applications";
import { texts } from "../../texts/it/communications";
import { FATES } from "./fates";

const UNANSWERED = "da-rispondere";

const linkTo = ({ application, kind, n }: CommunicationRow) => `${to("/domande/:id/comunicazioni", { id: application })}#${kind}-${n}`;

const columns = [
  {
    key: "what",
    title: texts.what,
    isHeader: true,
    cell: (row: CommunicationRow) => <a href={linkTo(row)}>{row.label}</a>,
  },
  {
    key: "about",
    title: texts.about,
    cell: (row: CommunicationRow) => {
      const href = to("/domande/:id", { id: row.application });
      const name = row.worker ?? row.employer;
      return (
        <>
          {name ? (
            <a href={href} translate={false}>
              {name}
            </a>
          ) : (
            <>
              <a href={href}>{texts.about}</a>
              <span class="row-note">
                {applications.list.number} <Code text={row.application} />
              </span>
            </>
          )}
          {row.worker && row.employer && (
            <span class="row-note" translate={false}>
              {row.employer}
            </span>
          )}
          <span class="row-note">{row.model_label}</span>
        </>
      );
    },
  },
  {
    key: "sent",
    title: texts.sent,
    cell: (row: CommunicationRow) => (
      <>
        {short(row.created)}
        <span class="row-note">{row.channel === "pec" ? texts.pec : texts.mail}</span>
      </>
    ),
  },
  { key: "fate", title: texts.fate, cell: (row: CommunicationRow) => <StateBadge label={row.fate_label} tone={FATES[row.fate] ?? "neutral"} /> },
  {
    key: "todo",
    title: texts.toDo,
    cell: (row: CommunicationRow) => {
      const answer = row.unanswered ? ifThere(row.page) : null;
      if (answer) {
        return (
          <a class="row-next" href={answer}>
            {texts.answer}
            <span class="visually-hidden">: {row.label}</span>
          </a>
        );
      }
      if (!row.unanswered && row.fate === "failed") {
        return (
          <a class="row-next" href={linkTo(row)}>
            {applications.list.readCase}
            <span class="visually-hidden">: {row.label}</span>
          </a>
        );
      }
      if (!row.unanswered) return <>{texts.nothing}</>;
      return (
        <>
          <StateBadge label={texts.unanswered} tone="warning" />
          <p>
            <a class="row-next" href={to("/domande/:id", { id: row.application })}>
              {applications.list.readCase}
              <span class="visually-hidden">: {row.label}</span>
            </a>
          </p>
        </>
      );
    },
  },
];

/** The page. */
export default function AllCommunications() {
  const query = new URLSearchParams(place.value.search);
  const cursor = query.get("dopo");
  const isUnanswered = query.get("mostra") === UNANSWERED;
  const page = Math.max(1, Number(query.get("pagina")) || 1);
  const here = to("/comunicazioni") + (isUnanswered ? `?mostra=${UNANSWERED}` : "");
  const asked = { ...(isUnanswered ? { unanswered: true } : {}), ...(cursor ? { cursor } : {}) };
  const found = useReading(place.value.search, async (signal) => (await call((options) => api.listCommunications(asked, options), { signal })).data);
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      <SectionNav
        label={texts.which}
        links={[
          { href: to("/comunicazioni"), label: texts.all, isHere: !isUnanswered },
          { href: `${to("/comunicazioni")}?mostra=${UNANSWERED}`, label: texts.onlyUnanswered, isHere: isUnanswered },
        ]}
      />
      <Read of={found} lines={10}>
        {({ communications, next, message }) => (
          <>
            {communications.length === 0 ? (
              <Empty message={message ?? (isUnanswered ? texts.noneUnanswered : texts.none)} />
            ) : (
              <DataTable caption={texts.title} isCaptionHidden columns={columns} items={communications} keyOf={(row) => `${row.application}-${row.kind}-${row.n}`} />
            )}
            {(next || cursor) && <Pager page={page} previous={cursor ? here : null} next={next ? `${here}${isUnanswered ? "&" : "?"}dopo=${encodeURIComponent(next)}&pagina=${page + 1}` : null} />}
          </>
        )}
      </Read>
    </Page>
  );
}
