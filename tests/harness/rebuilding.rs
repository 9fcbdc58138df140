//! Rebuilds the present state of stored cases from their stored events, and names every difference (AUD-1).

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{
    application::Application,
    ids::ApplicationId,
    lifecycle::{self, Event, State},
};
use store::{
    applications::{Applications, history::EventRow},
    keys,
};

use crate::story::{Deviation, StoryResult};

/// What a page of the table showed.
#[derive(Debug, Default)]
pub struct Page {
    /// Cases that were rebuilt.
    pub rebuilt: usize,
    /// Of these, those whose submission is not recorded yet: their event waits in a queue.
    pub waiting: usize,
    /// What does not fit, by case.
    pub differences: Vec<(ApplicationId, String)>,
    /// Where the next page begins; none after the last.
    pub next: Option<String>,
}

/// How the stored events of a case fit its head.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fit {
    /// They lead to it.
    Whole,
    /// They lead to it but for the submission, which record-history still has to write.
    WaitsForHistory,
    /// They do not, and why.
    Differs(Vec<String>),
}

/// Whether the events of a case lead to its head. They are in order of version, as the store gives them.
pub fn fit(head: &Application, events: &[EventRow]) -> Fit {
    let mut found = Vec::new();
    let is_late = events.last().is_none_or(|last| last.version + 1 == head.version)
        && head.state() == State::Submitted;
    let last = if is_late { head.version.saturating_sub(1) } else { head.version };
    let versions: Vec<_> = events.iter().map(|event| event.version).collect();
    if versions != (1..=last).collect::<Vec<_>>() {
        found.push(format!("versions {versions:?}, of a head of version {}", head.version));
    }
    for (before, after) in events.iter().zip(events.iter().skip(1)) {
        if after.from.as_ref() != Some(&before.to) {
            let from = after.from.as_deref().unwrap_or("nothing");
            found.push(format!(
                "event {} begins in {from}, event {} ends in {}",
                after.version, before.version, before.to
            ));
        }
    }
    // Steps of the agreement and changes that are no event of the lifecycle move no state.
    let steps = events.iter().filter_map(|row| row.event.as_deref()?.parse::<Event>().ok());
    let steps = steps.chain(is_late.then_some(Event::Submit));
    match lifecycle::rebuild(steps) {
        Ok(state) if state == head.state() => {}
        Ok(state) => found.push(format!(
            "its events lead to {}, its head is {}",
            state.code(),
            head.state().code()
        )),
        Err(broken) => found.push(broken.to_string()),
    }
    match (found.is_empty(), is_late) {
        (true, true) => Fit::WaitsForHistory,
        (true, false) => Fit::Whole,
        (false, _) => Fit::Differs(found),
    }
}

/// Rebuilds the cases of one page of the table. A case that moves while it is looked at is looked at again.
pub async fn page(
    client: &Client,
    table: &str,
    from: Option<&str>,
    limit: i32,
) -> StoryResult<Page> {
    let applications = Applications::new(client.clone(), table.to_owned());
    let start = from.map(key_of).transpose()?;
    let scanned = client
        .scan()
        .table_name(table)
        .filter_expression("sk = :head")
        .expression_attribute_values(":head", AttributeValue::S("HEAD".to_owned()))
        .projection_expression("pk")
        .set_exclusive_start_key(start.map(|key| key.item()))
        .limit(limit)
        .send()
        .await?;
    let mut page = Page::default();
    for item in scanned.items.unwrap_or_default() {
        let id =
            item.get("pk").and_then(|pk| pk.as_s().ok()).and_then(|pk| keys::application_of(pk));
        let Some(id) = id else { continue };
        page.rebuilt += 1;
        match case(&applications, &id).await? {
            Fit::Whole => {}
            Fit::WaitsForHistory => page.waiting += 1,
            Fit::Differs(found) => {
                page.differences.extend(found.into_iter().map(|what| (id.clone(), what)));
            }
        }
    }
    let text = |name: &str| {
        scanned.last_evaluated_key.as_ref()?.get(name)?.as_s().ok().map(String::as_str)
    };
    page.next = text("pk").zip(text("sk")).map(|(pk, sk)| format!("{pk}|{sk}"));
    Ok(page)
}

/// The fit of head and events that were read one after the other: where it differs they are read once more, since a change
/// in between looks like a difference.
pub async fn case(applications: &Applications, id: &ApplicationId) -> StoryResult<Fit> {
    let mut last = Fit::Whole;
    for _ in 0..2 {
        let head = match applications.head(id).await {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(Fit::Whole),
            Err(error) => return Ok(Fit::Differs(vec![outside::log::chain(&error)])),
        };
        let events = applications.history(id).await?;
        last = fit(&head, &events);
        if !matches!(last, Fit::Differs(_)) {
            break;
        }
    }
    Ok(last)
}

fn key_of(cursor: &str) -> StoryResult<keys::Key> {
    let (pk, sk) = cursor
        .split_once('|')
        .ok_or_else(|| Deviation::new("a cursor is what the program printed: PK|SK"))?;
    Ok(keys::Key { pk: pk.to_owned(), sk: sk.to_owned() })
}
