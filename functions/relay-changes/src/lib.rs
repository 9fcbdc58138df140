//! The only consumer of the stream: forwards whatever waits to its queue and decides nothing (ADR 0004).

use adapters::{
    clock,
    config::MissingVariable,
    queue::{ForwardError, Forwarding, Queues},
};
use aws_config::SdkConfig;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};

/// What relaying needs.
#[derive(Debug)]
pub struct Needs {
    queues: Queues,
}

impl Needs {
    /// Reads the queues' addresses.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, MissingVariable> {
        Ok(Self { queues: Queues::from_environment(sdk)? })
    }
}

/// Forwards the waiting items of a batch of changes. A failure makes the stream deliver the batch again.
pub async fn relay(needs: &Needs, event: Event) -> Result<(), ForwardError> {
    let waiting: Vec<_> = event.records.iter().filter_map(newly_waiting).collect();
    let sent = needs.queues.forward(&waiting, clock::wall()).await?;
    for forwarding in &waiting {
        tracing::info!(item = forwarding.message.pk, queue = forwarding.queue.code(), "change relayed");
    }
    tracing::info!(records = event.records.len(), waiting = waiting.len(), sent, "changes relayed");
    Ok(())
}

/// What a change newly makes wait; nothing when the mark is the same as before the change.
fn newly_waiting(record: &EventRecord) -> Option<Forwarding> {
    let after = Forwarding::of(&record.change.new_image)?;
    let before = Forwarding::of(&record.change.old_image);
    let is_news = before.is_none_or(|before| before.due != after.due || before.queue != after.queue);
    is_news.then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(old: &str, new: &str) -> EventRecord {
        serde_json::from_str(&format!(
            r#"{{"awsRegion":"eu-south-1","eventID":"1","eventName":"MODIFY","eventSource":"aws:dynamodb","eventVersion":"1.1",
                "dynamodb":{{"ApproximateCreationDateTime":1,"Keys":{{}},"OldImage":{old},"NewImage":{new},"SequenceNumber":"1","SizeBytes":1,
                "StreamViewType":"NEW_AND_OLD_IMAGES"}}}}"#
        ))
        .unwrap()
    }

    const WAITING: &str = r#"{"pk":{"S":"APP#a"},"sk":{"S":"HEAD"},"pending_due":{"N":"5"},"queue":{"S":"history"}}"#;
    const QUIET: &str = r#"{"pk":{"S":"APP#a"},"sk":{"S":"HEAD"}}"#;

    #[test]
    fn what_begins_to_wait_is_forwarded() {
        let forwarding = newly_waiting(&change(QUIET, WAITING)).unwrap();
        assert_eq!(forwarding.queue.code(), "history");
        assert_eq!(forwarding.message.sk, "HEAD");
        assert_eq!(forwarding.due, 5);
    }

    #[test]
    fn what_waited_before_is_not_forwarded_again() {
        assert!(newly_waiting(&change(WAITING, WAITING)).is_none());
    }

    #[test]
    fn what_no_longer_waits_is_not_forwarded() {
        assert!(newly_waiting(&change(WAITING, QUIET)).is_none());
    }

    #[test]
    fn a_new_due_time_is_forwarded_anew() {
        let later = WAITING.replace("\"5\"", "\"6\"");
        assert_eq!(newly_waiting(&change(WAITING, &later)).unwrap().due, 6);
    }
}
