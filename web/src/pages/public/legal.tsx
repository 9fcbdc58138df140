// The legal notes.

import { Page } from "../../components/page";
import { legal as texts } from "../../texts/it/legal";
import { WrittenParts } from "./written-parts";

/** The page. */
export default function Legal() {
  return (
    <Page title={texts.title} lead={texts.lead}>
      <WrittenParts parts={texts.parts} />
    </Page>
  );
}
