// The accessibility statement.

import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { isProduction } from "../../environment";
import { it } from "../../texts/it";
import { accessibility as texts } from "../../texts/it/legal";
import { WrittenParts } from "./written-parts";

/** The page. */
export default function Accessibility() {
  return (
    <Page title={texts.title} lead={texts.lead}>
      {!isProduction && (
        <Callout tone="info" title={it.portal.testEnvironment}>
          <p>{texts.test}</p>
        </Callout>
      )}
      <WrittenParts parts={texts.parts} />
    </Page>
  );
}
