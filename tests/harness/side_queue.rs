//! A queue of a test's own that feeds a function of the stack: poisoned messages stay out of the shared queues.

use std::time::Duration;

use serde_json::json;

use crate::{
    emulator::Emulator,
    story::{Story, StoryResult},
};

/// Deliveries before a message is given up; the template's queues allow five, which would take minutes. Two were too few
/// for a good message that a busy machine kept from its work once.
const DELIVERIES: u8 = 3;

/// A queue with a dead-letter queue behind it and a function before it.
#[derive(Debug)]
pub struct SideQueue {
    emulator: Emulator,
    url: String,
    dead: String,
    source: String,
}

impl SideQueue {
    /// Makes both queues and feeds the function.
    pub async fn open(emulator: &Emulator, function: &str, word: &str) -> StoryResult<Self> {
        let (dead, dead_arn) =
            emulator.make_queue(&format!("test-{word}-dead"), &json!({})).await?;
        let redrive =
            json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": DELIVERIES.to_string() })
                .to_string();
        let attributes = json!({ "VisibilityTimeout": "6", "RedrivePolicy": redrive });
        let (url, arn) = emulator.make_queue(&format!("test-{word}"), &attributes).await?;
        let source = emulator.feed(function, &arn).await?;
        Ok(Self { emulator: emulator.clone(), url, dead, source })
    }

    /// Puts a message in.
    pub async fn send(&self, body: &str) -> StoryResult {
        self.emulator.enqueue(&self.url, body).await
    }

    /// The messages that were given up.
    pub async fn dead_letters(&self) -> StoryResult<Vec<String>> {
        self.emulator.queued(&self.dead).await
    }

    /// Waits until every message was handled or given up.
    pub async fn is_worked_off(&self, story: &Story) -> StoryResult {
        story
            .eventually(
                "every message was handled or given up",
                Duration::from_secs(90),
                || async {
                    let left = self.emulator.queued(&self.url).await?;
                    Ok(if left.is_empty() {
                        Ok(())
                    } else {
                        Err(format!("{} messages are left", left.len()))
                    })
                },
            )
            .await
    }

    /// Removes everything again.
    pub async fn close(self) -> StoryResult {
        self.emulator.stop_feed(&self.source).await?;
        self.emulator.remove_queue(&self.url).await?;
        self.emulator.remove_queue(&self.dead).await
    }
}
