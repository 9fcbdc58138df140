//! Fills the regions of the stored pages, so that they are whole without JavaScript (ADR 36).
//!
//! `web/tools/fill.mjs` does the same for the tests of the pages; `web/tools/fill.fixture.json` holds both.

use std::collections::BTreeMap;

use domain::{calendar, campaign::Order};
use jiff::Timestamp;
use serde::Deserialize;

/// The templates of all regions, by name, as the build of the pages leaves them.
pub(crate) type Templates = BTreeMap<String, Template>;

/// How a region is filled.
#[derive(Debug, Deserialize)]
pub(crate) struct Template {
    /// The stored pages that hold it.
    pub(crate) pages: Vec<String>,
    pieces: BTreeMap<String, String>,
    /// What stands there when there is nothing.
    empty: String,
}

/// What the pages tell; of a file that is absent, nothing.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Facts {
    #[serde(default)]
    pub(crate) calendar: CalendarFile,
    #[serde(default)]
    pub(crate) status: StatusFile,
    #[serde(default)]
    pub(crate) notices: NoticesFile,
    #[serde(default)]
    pub(crate) documents: DocumentsFile,
    /// The notice of the first campaign that is shown.
    pub(crate) privacy: Option<PrivacyFile>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct CalendarFile {
    campaigns: Vec<Campaign>,
}

impl CalendarFile {
    /// Those that public pages show.
    fn shown(&self) -> impl Iterator<Item = &Campaign> {
        self.campaigns.iter().filter(|campaign| campaign.current)
    }

    /// The privacy notices of those that are shown, the first of each version.
    pub(crate) fn privacy_links(&self) -> Vec<&PrivacyLink> {
        let mut links: Vec<&PrivacyLink> = Vec::new();
        for link in self.shown().filter_map(|campaign| campaign.privacy.as_ref()) {
            if links.iter().all(|other| other.version != link.version) {
                links.push(link);
            }
        }
        links
    }
}

#[derive(Debug, Deserialize)]
struct Campaign {
    title: String,
    law: String,
    /// Absent in files of before armed sends.
    #[serde(default)]
    order: Option<Order>,
    #[serde(default)]
    current: bool,
    privacy: Option<PrivacyLink>,
    models: Vec<Model>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PrivacyLink {
    pub(crate) version: String,
    /// A path on the portal's own origin, which is the key of the file after its slash.
    pub(crate) url: String,
}

#[derive(Debug, Deserialize)]
struct Model {
    label: String,
    source: String,
    start: Vec<Window>,
    edit: Vec<Window>,
    submit: Vec<Window>,
    off_quota: Option<Window>,
    read_closed: Vec<Window>,
}

#[derive(Debug, Deserialize)]
struct Window {
    from: Timestamp,
    until: Option<Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct StatusFile {
    #[serde(default)]
    parts: Vec<Part>,
    #[serde(default)]
    maintenance: Vec<Maintenance>,
}

#[derive(Debug, Deserialize)]
struct Part {
    label: String,
    works: bool,
    since: Timestamp,
    text: String,
}

#[derive(Debug, Deserialize)]
struct Maintenance {
    from: Timestamp,
    until: Timestamp,
    text: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct NoticesFile {
    notices: Vec<Notice>,
}

#[derive(Debug, Deserialize)]
struct Notice {
    list: String,
    title: String,
    text: String,
    published: Timestamp,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct DocumentsFile {
    documents: Vec<Document>,
}

#[derive(Debug, Deserialize)]
struct Document {
    title: String,
    description: String,
    url: String,
    version: String,
    bytes: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PrivacyFile {
    sections: Vec<PrivacySection>,
}

#[derive(Debug, Deserialize)]
struct PrivacySection {
    title: String,
    paragraphs: Vec<String>,
}

/// The home page, which has the newest notices only.
const HOME: &str = "index.html";
/// How many of each list.
const NOTICES_AT_HOME: usize = 3;
/// The lists, in their order on the page.
const LISTS: [&str; 3] = ["avvisi", "novita", "leggi"];

const MARK: &str = "<!--facts:";
const END: &str = "<!--/facts-->";

/// The stored page of this key with its regions filled. A region without a template stays as it is: the page may be newer.
pub(crate) fn filled(
    html: &str,
    key: &str,
    templates: &Templates,
    facts: &Facts,
    now: Timestamp,
) -> String {
    let mut page = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, marked)) = rest.split_once(MARK) {
        let region = marked.split_once("-->").and_then(|(name, after)| {
            let (content, after) = after.split_once(END)?;
            Some((name, content, after))
        });
        let Some((name, content, after)) = region else { break };
        let template = templates.get(name);
        let new = template.and_then(|template| template.region(name, key, facts, now));
        for part in [before, MARK, name, "-->", new.as_deref().unwrap_or(content), END] {
            page.push_str(part);
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

impl Template {
    fn region(&self, name: &str, key: &str, facts: &Facts, now: Timestamp) -> Option<String> {
        Some(match name {
            "calendar" => self.calendar(&facts.calendar),
            "openings" => self.openings(&facts.calendar, now),
            "notices" => self.notices(&facts.notices, key),
            "status" => self.status(&facts.status),
            "maintenance" | "maintenance-note" => self.maintenance(&facts.status, now),
            "documents" => self.documents(&facts.documents),
            "privacy" => self.privacy(facts.privacy.as_ref()),
            _ => return None,
        })
    }

    fn calendar(&self, calendar: &CalendarFile) -> String {
        let window = |what: &str, window: &Window| {
            let from = calendar::in_words(window.from);
            let what = self.piece(what);
            match window.until.map(calendar::until_in_words) {
                Some(until) => {
                    let values = [("what", what), ("from", &from), ("until", &until)];
                    self.with("window", &values, &[])
                }
                None => self.with("window-without-end", &[("what", what), ("from", &from)], &[]),
            }
        };
        let model = |model: &Model| {
            let windows: String = [
                ("what-start", model.start.as_slice()),
                ("what-edit", &model.edit),
                ("what-submit", &model.submit),
                ("what-off-quota", model.off_quota.as_slice()),
                ("what-read-closed", &model.read_closed),
            ]
            .into_iter()
            .flat_map(|(what, windows)| windows.iter().map(move |one| window(what, one)))
            .collect();
            let values = [("label", model.label.as_str()), ("source", &model.source)];
            self.with("model", &values, &[("windows", &windows)])
        };
        let campaigns = calendar.shown().map(|campaign| {
            let models: String = campaign.models.iter().map(model).collect();
            let values = [("title", campaign.title.as_str()), ("law", &campaign.law)];
            let more = match campaign.order {
                Some(Order::Armed) => self.piece("armed"),
                Some(Order::Chronological) | None => "",
            };
            self.with("campaign", &values, &[("more", more), ("models", &models)])
        });
        self.or_empty(campaigns.collect())
    }

    fn openings(&self, calendar: &CalendarFile, now: Timestamp) -> String {
        let mut models = String::new();
        for campaign in calendar.shown() {
            for model in &campaign.models {
                let next = model.submit.iter().find(|window| window.from > now);
                let Some(next) = next.or(model.submit.first()) else { continue };
                let opening = calendar::in_words(next.from);
                let values = [
                    ("label", model.label.as_str()),
                    ("campaign", &campaign.title),
                    ("opening", &opening),
                ];
                models.push_str(&self.with("model", &values, &[]));
            }
        }
        self.list("models", &models)
    }

    fn notices(&self, file: &NoticesFile, key: &str) -> String {
        let most = if key == HOME { NOTICES_AT_HOME } else { usize::MAX };
        let list = |list: &str| {
            let mut own: Vec<_> = file.notices.iter().filter(|one| one.list == list).collect();
            own.sort_by_key(|one| std::cmp::Reverse(one.published));
            let items: String = own
                .into_iter()
                .take(most)
                .map(|one| {
                    let day = calendar::day_in_words(calendar::local_date(one.published));
                    let values =
                        [("title", one.title.as_str()), ("published", &day), ("text", &one.text)];
                    self.with("notice", &values, &[])
                })
                .collect();
            let items = if items.is_empty() { self.piece("none") } else { &items };
            let name = self.piece(&format!("name-{list}"));
            self.with("list", &[("name", name)], &[("notices", items)])
        };
        LISTS.into_iter().map(list).collect()
    }

    fn status(&self, file: &StatusFile) -> String {
        let parts: String = file
            .parts
            .iter()
            .map(|part| {
                let since = calendar::in_words(part.since);
                let values =
                    [("label", part.label.as_str()), ("since", &since), ("text", &part.text)];
                self.with(if part.works { "works" } else { "stopped" }, &values, &[])
            })
            .collect();
        self.list("parts", &parts)
    }

    fn maintenance(&self, file: &StatusFile, now: Timestamp) -> String {
        let planned: String = file
            .maintenance
            .iter()
            .filter(|one| one.until > now)
            .map(|one| {
                let from = calendar::in_words(one.from);
                let until = calendar::until_in_words(one.until);
                let values = [("from", from.as_str()), ("until", &until), ("text", &one.text)];
                self.with("maintenance", &values, &[])
            })
            .collect();
        self.list("maintenance", &planned)
    }

    fn documents(&self, file: &DocumentsFile) -> String {
        let all: String = file
            .documents
            .iter()
            .map(|one| {
                let size = size(one.bytes);
                let values = [
                    ("title", one.title.as_str()),
                    ("description", &one.description),
                    ("url", &one.url),
                    ("version", &one.version),
                    ("size", &size),
                ];
                self.with("document", &values, &[])
            })
            .collect();
        self.list("documents", &all)
    }

    fn privacy(&self, file: Option<&PrivacyFile>) -> String {
        let sections = file.into_iter().flat_map(|file| &file.sections).map(|section| {
            let paragraph = |text: &String| self.with("paragraph", &[("text", text)], &[]);
            let paragraphs: String = section.paragraphs.iter().map(paragraph).collect();
            self.with("section", &[("title", &section.title)], &[("paragraphs", &paragraphs)])
        });
        self.or_empty(sections.collect())
    }

    /// The finished items in their list, or what stands there without any.
    fn list(&self, name: &str, items: &str) -> String {
        if items.is_empty() { self.empty.clone() } else { self.with("list", &[], &[(name, items)]) }
    }

    fn or_empty(&self, content: String) -> String {
        if content.is_empty() { self.empty.clone() } else { content }
    }

    fn piece(&self, name: &str) -> &str {
        self.pieces.get(name).map_or("", String::as_str)
    }

    /// A piece with its values, which are escaped, and with finished pieces, which are HTML already. What was put in is not
    /// looked at again: a value may hold braces.
    fn with(&self, name: &str, values: &[(&str, &str)], finished: &[(&str, &str)]) -> String {
        let find = |all: &[(&str, &str)], name: &str| {
            all.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        };
        let mut html = String::new();
        let mut rest = self.piece(name);
        while let Some((before, (name, after))) =
            rest.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
        {
            html.push_str(before);
            let value = find(values, name).map(|value| escaped(&value));
            html.push_str(&find(finished, name).or(value).unwrap_or_default());
            rest = after;
        }
        html.push_str(rest);
        html
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A length for people: `420 kB`, `1,8 MB`.
fn size(bytes: u64) -> String {
    if bytes < 1_000_000 {
        return format!("{} kB", (bytes.saturating_add(500) / 1_000).max(1));
    }
    let tenths = bytes.saturating_add(50_000) / 100_000;
    format!("{},{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Fixture {
        now: Timestamp,
        templates: Templates,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        page: String,
        html: String,
        facts: Facts,
        filled: String,
    }

    /// ADR 36: the pages of the tests in a browser and those of the bucket are filled alike.
    #[test]
    fn pages_are_filled_as_the_reference_fills_them() {
        let fixture = include_str!("../../../web/tools/fill.fixture.json");
        let fixture: Fixture = serde_json::from_str(fixture).unwrap();
        assert!(fixture.cases.len() >= 5);
        for case in fixture.cases {
            let new = filled(&case.html, &case.page, &fixture.templates, &case.facts, fixture.now);
            assert_eq!(new, case.filled, "{}", case.name);
            let again = filled(&new, &case.page, &fixture.templates, &case.facts, fixture.now);
            assert_eq!(again, new, "{}: filled again", case.name);
        }
    }

    #[test]
    fn a_region_without_a_template_and_a_mark_without_an_end_stay_as_they_are() {
        let fill = |html: &str| {
            filled(html, HOME, &Templates::new(), &Facts::default(), Timestamp::UNIX_EPOCH)
        };
        for html in ["<!--facts:new-->x<!--/facts-->y", "<!--facts:calendar-->x", "<!--facts:"] {
            assert_eq!(fill(html), html);
        }
    }
}
