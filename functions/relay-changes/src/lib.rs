//! The only consumer of the stream: forwards whatever waits to its queue and decides nothing (ADR 0004).

use aws_config::SdkConfig;
use aws_lambda_events::event::dynamodb::{Event, EventRecord};
use outside::{
    clock,
    config::ConfigError,
    queue::{ForwardError, Forwarding, Queues},
};
use store::pending;

/// What relaying needs.
#[derive(Debug)]
pub struct App {
    queues: Queues,
}

impl App {
    /// Reads the queues' addresses.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        Ok(Self { queues: Queues::from_environment(sdk)? })
    }
}

/// Forwards the waiting items of a batch of changes. A failure makes the stream deliver the batch again.
pub async fn relay(app: &App, event: Event) -> Result<(), ForwardError> {
    let waiting: Vec<_> = event.records.iter().filter_map(newly_waiting).collect();
    let sent = app.queues.forward(&waiting, clock::wall()).await?;
    for forwarding in &waiting {
        tracing::info!(
            item = forwarding.message.pk,
            queue = forwarding.queue.code(),
            "change relayed"
        );
    }
    tracing::info!(records = event.records.len(), waiting = waiting.len(), sent, "changes relayed");
    Ok(())
}

/// What a change newly makes wait; nothing when the mark is the same as before the change.
fn newly_waiting(record: &EventRecord) -> Option<Forwarding> {
    let after = pending::forwarding(&record.change.new_image)?;
    let before = pending::forwarding(&record.change.old_image);
    let is_news =
        before.is_none_or(|before| before.due != after.due || before.queue != after.queue);
    is_news.then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured() -> Vec<EventRecord> {
        serde_json::from_str::<Event>(include_str!("../../../events/relay-changes/submission.json"))
            .unwrap()
            .records
    }

    #[test]
    fn what_begins_to_wait_is_forwarded() {
        let forwarding = newly_waiting(&captured()[0]).unwrap();
        assert_eq!(forwarding.queue.code(), "history");
        assert_eq!(forwarding.message.sk, "HEAD");
        assert_eq!(forwarding.due, 1_768_204_800_003);
    }

    #[test]
    fn what_waited_before_is_not_forwarded_again() {
        assert!(newly_waiting(&captured()[1]).is_none());
    }

    #[test]
    fn what_no_longer_waits_or_is_gone_is_not_forwarded() {
        assert!(newly_waiting(&captured()[2]).is_none());
        assert!(newly_waiting(&captured()[3]).is_none());
    }

    #[test]
    fn a_new_due_time_is_forwarded_anew() {
        let again = include_str!("../../../events/relay-changes/submission.json")
            .replace("1768204800003", "1768204800009");
        let mut again = serde_json::from_str::<Event>(&again).unwrap().records.remove(1);
        again.change.old_image = captured().remove(1).change.old_image;
        assert_eq!(newly_waiting(&again).unwrap().due, 1_768_204_800_009);
    }
}
