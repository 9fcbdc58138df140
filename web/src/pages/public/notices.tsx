// Notices, news and laws, newest first.

import { Page } from "../../components/page";
import { notices as texts } from "../../texts/it/public";
import { NoticeLists } from "./notice-lists";

/** The page. */
export default function Notices() {
  return (
    <Page title={texts.title} lead={texts.lead}>
      <NoticeLists />
    </Page>
  );
}
