// What the pages of one application share: reading it, and its name in the breadcrumb.

import type { ComponentChildren } from "preact";
import { api, call } from "../../api/client";
import type { ApplicationView } from "../../api/generated";
import { useReading, type Readable } from "../../api/reading";
import { Page } from "../../components/page";
import { PrintLine } from "../../components/print-line";
import { Read } from "../../components/read";
import { to } from "../../routing/pages";
import { it } from "../../texts/it";
import { texts } from "../../texts/it/applications";

/** Reads one application. */
export function useApplication(id: string): Readable<ApplicationView> {
  return useReading(id, async (signal) => (await call((options) => api.readApplication(id, options), { signal })).data as ApplicationView);
}

interface Props {
  title: string;
  lead?: string;
  id: string;
  /** On a page below the application's own. */
  isBelow?: boolean;
  of: Readable<ApplicationView>;
  children: (application: ApplicationView) => ComponentChildren;
}

/** A page of one application. */
export function ApplicationPage({ title, lead, id, isBelow = true, of, children }: Props) {
  const crumbs = [{ label: texts.one.crumbs, href: to("/domande") }, ...(isBelow ? [{ label: texts.one.title, href: to("/domande/:id", { id }) }] : [])];
  return (
    <Page title={title} crumbs={crumbs} {...(lead ? { lead } : {})}>
      <Read of={of} lines={8} wayOn={{ href: to("/domande"), label: it.list.toApplications }}>
        {children}
      </Read>
      <PrintLine id={id} />
    </Page>
  );
}
