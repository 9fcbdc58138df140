// The three lists of notices, on the home page and on their own.

import { day } from "../../dates/instant";
import { useFact, type Notice } from "../../facts/facts";
import { FactsRegion } from "../../facts/region";
import { NoticeItem, NoticeList } from "../../facts/views";
import { texts } from "../../texts/it/facts";
import { FactFailed } from "./fact-failed";

const LISTS = ["avvisi", "novita", "leggi"] as const;

function Lists({ notices, most }: { notices: readonly Notice[]; most: number }) {
  return (
    <>
      {LISTS.map((list) => {
        const own = notices
          .filter((notice) => notice.list === list)
          .sort((a, b) => Date.parse(b.published) - Date.parse(a.published))
          .slice(0, most);
        const items =
          own.length > 0 ? (
            own.map((notice) => <NoticeItem key={notice.id} title={notice.title} published={day(notice.published)} text={notice.text} />)
          ) : (
            <li>{texts.emptyList}</li>
          );
        return <NoticeList key={list} name={texts.lists[list]} notices={items} />;
      })}
    </>
  );
}

/** `most` of each list, newest first. */
export function NoticeLists({ most = Number.MAX_SAFE_INTEGER, isSideBySide = false }: { most?: number; isSideBySide?: boolean }) {
  const fact = useFact("notices.json");
  const live =
    fact.state === "ready" ? (
      <Lists notices={fact.data.notices} most={most} />
    ) : fact.state === "absent" ? (
      <Lists notices={[]} most={most} />
    ) : fact.state === "failed" ? (
      <FactFailed url="/facts/notices.json" />
    ) : null;
  return (
    <div class={isSideBySide ? "beside" : undefined}>
      <FactsRegion name="notices" live={live} without={texts.noNotices} lines={9} />
    </div>
  );
}
