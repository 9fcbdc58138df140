//! Questions to registries that wait in a queue, as rows of their application (ENR-2).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::ids::ApplicationId;
use outside::queue::Queue;
use serde::{Deserialize, Serialize};

use super::Applications;
use crate::{
    keys,
    retry::{Failure, retried},
    rows::{PendingMark, SaveError, StoreError, build, instant},
    table::{self, key_of},
    transaction::{number, text},
};

/// A question to a registry that waits in the queue (ENR-2).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Task {
    /// `check`, `<registry>-<now|later>` or `worker-code`.
    pub name: String,
    /// How often it was asked.
    pub attempts: u32,
    /// When it was first asked, in milliseconds.
    pub first_asked: i64,
    /// When it will be asked next, in milliseconds.
    pub due: i64,
    /// `waiting`, `done`, `refused`, `silent`.
    pub status: TaskStatus,
}

/// How a question to a registry stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskStatus {
    /// Not answered yet.
    Waiting,
    /// Answered and recorded.
    Done,
    /// Answered with a refusal: unknown, or about another subject.
    Refused,
    /// Not answered in all the days that the portal asks.
    Silent,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TaskRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    task: Task,
    #[serde(flatten)]
    waiting: PendingMark,
}

impl TaskRow {
    /// The row of a task; it is pending as long as the task waits.
    pub(super) fn waiting(id: &ApplicationId, task: &Task) -> Result<Self, StoreError> {
        let key = keys::task(id, &task.name);
        let waiting = match task.status {
            TaskStatus::Waiting => PendingMark::of(
                id,
                Queue::Enrich,
                instant(task.due).map_err(|source| StoreError::corrupt(&key, source))?,
            ),
            TaskStatus::Done | TaskStatus::Refused | TaskStatus::Silent => PendingMark::nothing(),
        };
        Ok(Self { pk: key.pk, sk: key.sk, v: 1, task: task.clone(), waiting })
    }
}

impl Applications {
    /// Which of these questions to registries there are, and how they stand.
    pub async fn tasks_of(
        &self,
        asked: &[(ApplicationId, String)],
    ) -> Result<HashMap<(ApplicationId, String), Task>, StoreError> {
        let asked: Vec<_> = asked.iter().map(|(id, name)| keys::task(id, name)).collect();
        let mut found = HashMap::with_capacity(asked.len());
        for item in table::items(&self.client, &self.table, &asked, "tasks").await? {
            let key = key_of(&item);
            let row: TaskRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            if let Some(id) = keys::application_of(&key.pk) {
                found.insert((id, row.task.name.clone()), row.task);
            }
        }
        Ok(found)
    }

    /// The questions to registries of an application.
    pub async fn tasks(&self, id: &ApplicationId) -> Result<Vec<Task>, StoreError> {
        let rows: Vec<TaskRow> = self.rows(id, keys::TASK_PREFIX).await?;
        Ok(rows.into_iter().map(|row| row.task).collect())
    }

    /// One question to a registry.
    pub async fn task(&self, id: &ApplicationId, name: &str) -> Result<Option<Task>, StoreError> {
        let key = keys::task(id, name);
        let row: Option<TaskRow> = table::row(&self.client, &self.table, &key, "task").await?;
        Ok(row.map(|row| row.task))
    }

    /// Stores new questions to registries; one that exists already stays as it is.
    pub async fn ask(&self, id: &ApplicationId, tasks: &[Task]) -> Result<(), StoreError> {
        for task in tasks {
            let row = TaskRow::waiting(id, task)?;
            table::put_new(&self.client, &self.table, &row, "task").await?;
        }
        Ok(())
    }

    /// Stores how a question stands after an attempt, unless another delivery stored a later attempt first.
    pub async fn save_task(
        &self,
        id: &ApplicationId,
        before: &Task,
        after: &Task,
    ) -> Result<(), SaveError> {
        let item = self.to_item(&TaskRow::waiting(id, after)?)?;
        let written = retried(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.clone()))
                .condition_expression("attempts = :attempts AND #status = :waiting")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":attempts", number(u64::from(before.attempts)))
                .expression_attribute_values(":waiting", text("waiting"))
                .send()
        })
        .await;
        match written {
            Ok(_) => Ok(()),
            Err(error) if Failure::of(&error) == Failure::Condition => Err(SaveError::Conflict),
            Err(error) => Err(StoreError::unavailable("task", error).into()),
        }
    }
}

/// The write of [`Applications::save_task`], to go along with a decision.
pub(super) fn settled_item(
    table: &str,
    id: &ApplicationId,
    before: &Task,
    after: &Task,
) -> Result<TransactWriteItem, StoreError> {
    let row = TaskRow::waiting(id, after)?;
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?))
        .condition_expression("attempts = :attempts AND #status = :waiting")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":attempts", number(u64::from(before.attempts)))
        .expression_attribute_values(":waiting", text("waiting"));
    Ok(TransactWriteItem::builder().put(put.build().map_err(build)?).build())
}
