// What was sent about one application, newest first.

import { api, call } from "../../api/client";
import type { CommunicationView } from "../../api/generated";
import { useReading } from "../../api/reading";
import { Code } from "../../components/code";
import { Callout, TermBox } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { Empty } from "../../components/states";
import { milliseconds } from "../../dates/instant";
import { to, type PageProps } from "../../routing/pages";
import { it } from "../../texts/it";
import { texts as applications } from "../../texts/it/applications";
import { texts } from "../../texts/it/communications";
import { OfficeContact } from "../application/office";
import { CommunicationItem } from "./communication";

/** The page. */
export default function OneApplication({ params }: PageProps) {
  const id = params["id"] ?? "";
  const sent = useReading(id, async (signal) => (await call((options) => api.readCommunications(id, options), { signal })).data as CommunicationView);
  const crumbs = [
    { label: applications.one.crumbs, href: to("/domande") },
    { label: applications.one.title, href: to("/domande/:id", { id }) },
  ];
  return (
    <Page title={texts.title} lead={texts.lead} crumbs={crumbs}>
      <Read of={sent} lines={8} wayOn={{ href: to("/domande"), label: it.list.toApplications }}>
        {({ communications, term, hold }) => (
          <>
            <p>
              {applications.one.id}:{" "}
              <a href={to("/domande/:id", { id })}>
                <Code text={id} />
              </a>
            </p>
            {hold && (
              <Callout tone="warning" title={applications.one.next}>
                <p>{hold.text}</p>
                <OfficeContact />
              </Callout>
            )}
            {term && term.who_acts !== "portal" && (
              <TermBox term={term}>
                {(isAsked) =>
                  isAsked && (
                    <p>
                      <a href={to("/domande/:id", { id })}>{applications.list.readCase}</a>
                    </p>
                  )
                }
              </TermBox>
            )}
            {communications.length === 0 && <Empty message={texts.noneYet} />}
            {[...communications]
              .sort((a, b) => (milliseconds(b.created) ?? 0) - (milliseconds(a.created) ?? 0))
              .map((one) => (
                <CommunicationItem key={`${one.kind}-${one.n}-${one.copy}`} communication={one} application={id} />
              ))}
          </>
        )}
      </Read>
    </Page>
  );
}
