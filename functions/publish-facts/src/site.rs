//! The pages in their bucket: read, filled and written back (ADR 36).

use std::collections::BTreeSet;

use outside::{
    clock,
    facts::{FactsError, Page},
};

use crate::{
    App, CALENDAR, DOCUMENTS, NOTICES, STATUS,
    pages::{CalendarFile, Facts, PrivacyLink, filled},
};

/// What the build of the pages leaves for filling them.
const TEMPLATES: &str = "templates/facts.json";
/// The page of the privacy notice, from which those of each version are made.
const PRIVACY: &str = "privacy/index.html";
/// How often all is begun anew when others write the same pages.
const TRIES: u8 = 6;

/// Fills the regions of all pages and gives how many of them hold something else now. Without a site there is nothing to do.
pub(crate) async fn fill(app: &App) -> Result<usize, FactsError> {
    let mut written = 0;
    for _ in 0..TRIES {
        let Some(templates) = app.site.find(TEMPLATES).await? else { return Ok(written) };
        // The pages before the facts: who wrote a page since then is noticed, who wrote it before had no newer facts.
        let mut pages = Vec::new();
        for key in keys(&templates) {
            if let Some(page) = app.site.page(&key).await? {
                pages.push((key, page));
            }
        }
        let calendar: CalendarFile = app.facts.find(CALENDAR).await?.unwrap_or_default();
        let versions = versions(app, &pages, &calendar).await?;
        let facts = facts(app, calendar).await?;
        let now = clock::wall();
        let mut is_done = true;
        for (key, page) in &pages {
            let html = filled(&page.html, key, &templates, &facts, now);
            if html != page.html {
                let is_out = app.site.put_page(key, html, Some(page)).await?;
                written += usize::from(is_out);
                is_done &= is_out;
            }
        }
        for version in versions {
            let facts = Facts { privacy: app.facts.find(&version.fact).await?, ..Facts::default() };
            let html = filled(&version.html, PRIVACY, &templates, &facts, now);
            if version.there.as_ref().is_none_or(|there| there.html != html) {
                let is_out = app.site.put_page(&version.key, html, version.there.as_ref()).await?;
                written += usize::from(is_out);
                is_done &= is_out;
            }
        }
        if is_done {
            return Ok(written);
        }
    }
    Err(FactsError::Contended(TEMPLATES.to_owned()))
}

fn keys(templates: &crate::pages::Templates) -> BTreeSet<String> {
    templates.values().flat_map(|template| template.pages.iter().cloned()).collect()
}

async fn facts(app: &App, calendar: CalendarFile) -> Result<Facts, FactsError> {
    let first = calendar.privacy_links().first().map(|link| key_of(link).to_owned());
    let privacy = match first {
        Some(key) => app.facts.find(&key).await?,
        None => None,
    };
    Ok(Facts {
        calendar,
        status: app.facts.find(STATUS).await?.unwrap_or_default(),
        notices: app.facts.find(NOTICES).await?.unwrap_or_default(),
        documents: app.facts.find(DOCUMENTS).await?.unwrap_or_default(),
        privacy,
    })
}

/// The page of one version of a privacy notice, before it is filled.
struct PrivacyPage {
    key: String,
    there: Option<Page>,
    html: String,
    /// The key of the notice itself.
    fact: String,
}

/// The page of each version that campaigns name, under an address of its own: people consented to that version.
async fn versions(
    app: &App,
    pages: &[(String, Page)],
    calendar: &CalendarFile,
) -> Result<Vec<PrivacyPage>, FactsError> {
    let Some((_, page)) = pages.iter().find(|(key, _)| key == PRIVACY) else {
        return Ok(Vec::new());
    };
    let mut versions = Vec::new();
    for link in calendar.privacy_links() {
        let own = format!("data-page=\"/privacy/{}\"", link.version);
        let key = format!("privacy/{}/index.html", link.version);
        versions.push(PrivacyPage {
            there: app.site.page(&key).await?,
            html: page.html.replace("data-page=\"/privacy\"", &own),
            fact: key_of(link).to_owned(),
            key,
        });
    }
    Ok(versions)
}

/// The key of the file to which a link leads.
fn key_of(link: &PrivacyLink) -> &str {
    link.url.trim_start_matches('/')
}
