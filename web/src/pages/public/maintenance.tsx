// Planned maintenance, and what it means for terms. The edge shows this page while everything is closed.

import { Page } from "../../components/page";
import { maintenance as texts } from "../../texts/it/public";
import { MaintenanceList } from "./maintenance-list";

/** The page. */
export default function Maintenance() {
  return (
    <Page title={texts.title} lead={texts.lead}>
      <h2>{texts.planned}</h2>
      <MaintenanceList />
      <h2>{texts.termsTitle}</h2>
      <p>{texts.termsText}</p>
    </Page>
  );
}
