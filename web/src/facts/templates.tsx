// The templates with which publish-facts fills the regions of the stored pages: the components of views.tsx, rendered by the
// build with `{{name}}` where a value goes. Filling is plain substitution of HTML-escaped text; `{{rows}}` and its like take
// the finished pieces. docs/adr/0036 says how.

import type { ComponentChild } from "preact";
import { renderToString } from "preact-render-to-string";
import { StateBadge } from "../components/messages";
import { ArmedBox } from "../pages/public/armed-box";
import { texts } from "../texts/it/facts";
import * as view from "./views";

/** A region: the stored pages that hold it, its pieces, and what stands there when there is nothing. */
interface Template {
  pages: string[];
  pieces: Record<string, string>;
  empty: string;
}

const piece = (content: ComponentChild) => renderToString(<>{content}</>);
const paragraph = (text: string) => piece(<p>{text}</p>);

/** All templates, as the build writes them into templates/facts.json. */
export function factTemplates(): Record<string, Template> {
  const window = { what: "{{what}}", from: "{{from}}", until: "{{until}}" };
  return {
    calendar: {
      pages: ["calendario/index.html"],
      pieces: {
        campaign: piece(<view.CampaignDates title="{{title}}" law="{{law}}" more="{{more}}" models="{{models}}" />),
        armed: piece(<ArmedBox />),
        model: piece(<view.ModelDates label="{{label}}" source="{{source}}" windows="{{windows}}" />),
        window: piece(<view.WindowLine {...window} />),
        "window-without-end": piece(<view.WindowLine {...window} until={null} />),
        "what-start": texts.start,
        "what-edit": texts.edit,
        "what-submit": texts.submit,
        "what-off-quota": texts.offQuota,
        "what-read-closed": texts.readClosed,
      },
      empty: paragraph(texts.noCalendar),
    },
    openings: {
      pages: ["index.html"],
      pieces: {
        list: piece(<ul class="cards">{"{{models}}"}</ul>),
        model: piece(<view.OpeningCard label="{{label}}" campaign="{{campaign}}" opening="{{opening}}" />),
      },
      empty: paragraph(texts.noCalendar),
    },
    notices: {
      pages: ["index.html", "avvisi/index.html"],
      pieces: {
        list: piece(<view.NoticeList name="{{name}}" notices="{{notices}}" />),
        none: piece(<li>{texts.emptyList}</li>),
        notice: piece(<view.NoticeItem title="{{title}}" published="{{published}}" text="{{text}}" />),
        "name-avvisi": texts.lists.avvisi,
        "name-novita": texts.lists.novita,
        "name-leggi": texts.lists.leggi,
      },
      empty: paragraph(texts.noNotices),
    },
    status: {
      pages: ["stato/index.html"],
      pieces: {
        list: piece(<ul class="cards">{"{{parts}}"}</ul>),
        works: piece(<view.StatusPart label="{{label}}" state={<StateBadge label={texts.works} tone="success" />} since="{{since}}" text="{{text}}" />),
        stopped: piece(<view.StatusPart label="{{label}}" state={<StateBadge label={texts.stopped} tone="warning" />} since="{{since}}" text="{{text}}" />),
      },
      empty: paragraph(texts.noStatus),
    },
    maintenance: {
      pages: ["stato/index.html", "manutenzione/index.html"],
      pieces: {
        list: piece(<ul class="plain">{"{{maintenance}}"}</ul>),
        maintenance: piece(<view.MaintenanceItem from="{{from}}" until="{{until}}" text="{{text}}" />),
      },
      empty: paragraph(texts.noMaintenance),
    },
    "maintenance-note": {
      pages: ["index.html"],
      pieces: {
        list: piece(<view.MaintenanceBox maintenance="{{maintenance}}" />),
        maintenance: piece(<view.MaintenanceItem from="{{from}}" until="{{until}}" text="{{text}}" />),
      },
      empty: "",
    },
    documents: {
      pages: ["documenti/index.html"],
      pieces: {
        list: piece(<ul class="cards">{"{{documents}}"}</ul>),
        document: piece(<view.DocumentItem title="{{title}}" description="{{description}}" url="{{url}}" version="{{version}}" size="{{size}}" />),
      },
      empty: paragraph(texts.noDocuments),
    },
    privacy: {
      pages: ["privacy/index.html"],
      pieces: {
        section: piece(<view.PrivacySection title="{{title}}" paragraphs="{{paragraphs}}" />),
        paragraph: piece(<p>{"{{text}}"}</p>),
      },
      empty: paragraph(texts.noPrivacy),
    },
  };
}
