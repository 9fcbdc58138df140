// The radar: how many applications of each model are ready to be sent, what stops the others, and who has to act.

import { useRef, useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import type { MissingField, ReadinessRow, ReadinessView } from "../../api/generated";
import { useReading } from "../../api/reading";
import { nextStep } from "../../applications/actions";
import { heldBackBy, inOrder, whole, type WholeReadiness } from "../../applications/readiness";
import { armingStanding, canBeArmed } from "../../armed/standing";
import { serverNow } from "../../clock/clock";
import { DataTable, PagerInPlace } from "../../components/lists";
import { Callout, StateBadge, toneOf } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { Empty, Loading } from "../../components/states";
import { short } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { shown } from "../../facts/calendar";
import { useFact, type Campaign } from "../../facts/facts";
import { ifThere, to } from "../../routing/pages";
import { texts as all } from "../../texts/it/applications";
import { texts as armedTexts } from "../../texts/it/armed-elsewhere";
import { FactFailed } from "../public/fact-failed";
import { BeginLink, ListNav, PAGE, WhoTitle } from "./frame";

const texts = all.ready;
/** Rows of one model at a time: of nine hundred applications most may be held back. */
const AT_ONCE = 50;

interface ModelReadiness {
  campaign: string;
  model: string;
  label: string;
  /** Its decree lets people arm, and there is an opening to arm for. */
  mayArm: boolean;
  /** The API's words where the section cannot be read now. */
  closed: string | null;
  readiness: WholeReadiness;
}

async function readModel(campaign: string, model: string, signal: AbortSignal): Promise<WholeReadiness> {
  const pages: ReadinessView[] = [];
  let cursor: string | null | undefined = null;
  do {
    const from: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor ? { cursor } : {}) };
    const { data } = await call((options) => api.readReadiness(campaign, model, from, options), { signal });
    pages.push(data);
    cursor = data.next;
  } while (cursor);
  return whole(pages);
}

async function readAll(campaigns: readonly Campaign[], signal: AbortSignal): Promise<ModelReadiness[]> {
  const models = campaigns.flatMap((campaign) =>
    campaign.models
      .filter((model) => model.can_be_filled_in)
      .map((model) => ({
        campaign: campaign.campaign,
        model: model.id,
        label: campaigns.length > 1 ? `${model.label} – ${campaign.title}` : model.label,
        mayArm: canBeArmed(campaign) && armingStanding(model, serverNow() + campaign.clock_offset_ms).state === "before",
      })),
  );
  // All models at once: none waits for the hundreds of applications of another.
  const found = await Promise.all(
    models.map(async (one): Promise<ModelReadiness> => {
      try {
        return { ...one, closed: null, readiness: await readModel(one.campaign, one.model, signal) };
      } catch (error) {
        if (!(error instanceof Problem) || error.kind !== "finestra-non-aperta") throw error;
        return { ...one, closed: error.detail, readiness: whole([]) };
      }
    }),
  );
  const worthShowing = found.filter(({ closed, readiness }) => closed !== null || readiness.totals.applications > 0);
  // What can be sent first: the lists of what cannot are long.
  const isSendable = ({ readiness }: ModelReadiness) => Number(readiness.totals.sendable > 0);
  return worthShowing.sort((one, other) => isSendable(other) - isSendable(one));
}

const columns = [
  {
    key: "worker",
    title: all.list.worker,
    isHeader: true,
    cell: (row: ReadinessRow) => (
      <>
        <WhoTitle row={row} />
        {row.employer && (
          <span class="row-note" translate={false}>
            {row.employer}
          </span>
        )}
      </>
    ),
  },
  {
    key: "state",
    title: all.list.state,
    cell: (row: ReadinessRow) => (
      <>
        <StateBadge label={row.state_label} tone={toneOf(row.state)} />
        {typeof row.percent === "number" && <span class="row-note">{all.list.percent(row.percent)}</span>}
      </>
    ),
  },
  {
    key: "why",
    title: texts.why,
    cell: (row: ReadinessRow) => (
      <>
        {row.blocked_by.map((obstacle) => (
          <p key={obstacle.obstacle}>
            {obstacle.label}{" "}
            <span class="row-note">
              {texts.since(short(obstacle.since))}
              {obstacle.late && `, ${texts.late}`}
            </span>
          </p>
        ))}
        {row.missing.length > 0 && (
          <p class="row-note">
            {texts.missing(row.missing.length)} {row.missing.map(({ label, section }: MissingField) => (section ? `${label} (${section})` : label)).join(", ")}
          </p>
        )}
      </>
    ),
  },
];

function next(campaign: string, model: string) {
  return {
    key: "next",
    title: all.list.next,
    cell: (row: ReadinessRow) => {
      // What only waits for somebody else can be changed, but nobody has to.
      const isAsked = row.blocked_by.some(({ who_acts }) => who_acts === "person");
      const step = isAsked ? nextStep({ id: row.id, campaign, model, allowed: row.allowed }) : null;
      return step ? (
        <a class="row-next" href={step.href}>
          {step.label}
          <span class="visually-hidden">: {row.worker ?? row.id}</span>
        </a>
      ) : (
        <>{all.list.nothing}</>
      );
    },
  };
}

const canArmSome = ({ mayArm, readiness }: ModelReadiness) => mayArm && readiness.totals.sendable > 0;

/** The way to what can be armed, or is. */
function ArmedLink({ of }: { of: ModelReadiness }) {
  const { campaign, model, label, readiness } = of;
  const hasArmed = readiness.totals.armed > 0;
  if (!hasArmed && !canArmSome(of)) return null;
  return (
    <p>
      <a class="btn btn-outline-primary" href={to("/invio/:campaign/:model/prenotato", { campaign, model })}>
        {canArmSome(of) ? armedTexts.go : armedTexts.see}
        <span class="visually-hidden">: {label}</span>
      </a>
    </p>
  );
}

/** What is held back, a page at a time. */
function HeldBack({ of: { campaign, model, label }, rows }: { of: ModelReadiness; rows: readonly ReadinessRow[] }) {
  const [asked, setAsked] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const pages = Math.max(1, Math.ceil(rows.length / AT_ONCE));
  const page = Math.min(asked, pages - 1);
  const go = (other: number) => {
    setAsked(other);
    heading.current?.focus();
    heading.current?.scrollIntoView();
  };
  return (
    <>
      <h3 ref={heading} tabIndex={-1}>
        {texts.rows}
      </h3>
      <DataTable caption={texts.rows} isCaptionHidden columns={[...columns, next(campaign, model)]} items={rows.slice(page * AT_ONCE, (page + 1) * AT_ONCE)} keyOf={(row) => row.id} />
      {pages > 1 && <PagerInPlace page={page} of={pages} list={label} onGo={go} />}
    </>
  );
}

function ModelPart({ of }: { of: ModelReadiness }) {
  const { campaign, model, label, closed, readiness } = of;
  const [obstacle, setObstacle] = useState<string | null>(null);
  const { totals, rows } = readiness;
  const send = ifThere(`/invio/${encodeURIComponent(campaign)}/${encodeURIComponent(model)}`);
  return (
    <section>
      <h2>{label}</h2>
      {closed !== null ? (
        <Callout tone="neutral" title={closed} />
      ) : (
        <>
          <p>
            <strong>{texts.ready(totals.ready, totals.applications - totals.sent)}</strong>
            {totals.sendable > 0 && `: ${texts.sendable(totals.sendable)}`}
            {totals.sendable > 0 && totals.sendable < totals.ready && `, ${texts.others(totals.ready - totals.sendable)}`}
            {totals.armed > 0 && `, ${armedTexts.armed(totals.armed)}`}
            {totals.sent > 0 && `. ${texts.sent(totals.sent)}.`}
          </p>
          <ArmedLink of={of} />
          {totals.sendable > 0 && send && (
            <p>
              <a class="btn btn-outline-primary" href={send}>
                {texts.go}
                <span class="visually-hidden">: {label}</span>
              </a>
            </p>
          )}
          {totals.blocked_by.length === 0 ? (
            <p>{texts.allReady}</p>
          ) : (
            <>
              <h3>{texts.obstacles}</h3>
              <ul class="task-list">
                {inOrder(totals.blocked_by).map((one) => (
                  <li key={one.obstacle}>
                    <div>
                      <strong>{one.label}</strong>
                      <p>{texts.who[one.who_acts] ?? ""}</p>
                    </div>
                    <button type="button" class="btn-link" aria-pressed={obstacle === one.obstacle} onClick={() => setObstacle(obstacle === one.obstacle ? null : one.obstacle)}>
                      {obstacle === one.obstacle ? texts.all : texts.show(one.applications)}
                      <span class="visually-hidden">: {one.label}</span>
                    </button>
                  </li>
                ))}
              </ul>
              {/* Another obstacle begins at the first page. */}
              <HeldBack key={obstacle} of={of} rows={heldBackBy(rows, obstacle)} />
            </>
          )}
        </>
      )}
    </section>
  );
}

function Models({ campaigns }: { campaigns: readonly Campaign[] }) {
  const radar = useReading("radar", (signal) => readAll(campaigns, signal));
  return (
    <Read of={radar} lines={12}>
      {(models) =>
        models.length === 0 ? (
          <Empty message={texts.none}>
            <BeginLink />
          </Empty>
        ) : (
          <>
            {models.some(canArmSome) && (
              <Callout title={armedTexts.can}>
                <p>{armedTexts.canText}</p>
              </Callout>
            )}
            {models.map((one) => (
              <ModelPart key={`${one.campaign}/${one.model}`} of={one} />
            ))}
          </>
        )
      }
    </Read>
  );
}

/** The page. */
export default function Ready() {
  const fact = useFact("calendar.json");
  return (
    <Page title={texts.title} lead={texts.lead} crumbs={[{ label: all.one.crumbs, href: to("/domande") }]} isWide>
      <ListNav />
      {fact.state === "loading" && <Loading lines={12} />}
      {(fact.state === "failed" || fact.state === "absent") && <FactFailed url={CALENDAR} />}
      {fact.state === "ready" && <Models campaigns={shown(fact.data.campaigns, serverNow())} />}
    </Page>
  );
}
