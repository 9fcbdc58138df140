// Manuals, guides and forms to be downloaded.

import { Page } from "../../components/page";
import { Rich } from "../../components/rich";
import { useFact } from "../../facts/facts";
import { FactsRegion } from "../../facts/region";
import { DocumentItem } from "../../facts/views";
import { texts as factTexts } from "../../texts/it/facts";
import { documents as texts } from "../../texts/it/public";
import { FactFailed } from "./fact-failed";

const size = (bytes: number) => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1_000_000).toFixed(1).replace(".", ",")} MB`);

/** The page. */
export default function Documents() {
  const fact = useFact("documents.json");
  const all = fact.state === "ready" ? fact.data.documents : [];
  const live =
    fact.state === "loading" ? null : fact.state === "failed" ? (
      <FactFailed url="/facts/documents.json" />
    ) : all.length > 0 ? (
      <ul class="cards">
        {all.map((one) => (
          <DocumentItem key={one.id} title={one.title} description={one.description} url={one.url} version={one.version} size={size(one.bytes)} />
        ))}
      </ul>
    ) : (
      <p>{factTexts.noDocuments}</p>
    );
  return (
    <Page title={texts.title} lead={texts.lead}>
      <FactsRegion name="documents" live={live} without={factTexts.noDocuments} lines={6} />
      <h2>{texts.fallbackTitle}</h2>
      <ul>
        {texts.fallback.map((text) => (
          <li key={text}>
            <Rich text={text} />
          </li>
        ))}
      </ul>
    </Page>
  );
}
