//! Wires reconcile-pending to its schedule.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use outside::{aws, log};
use reconcile_pending::{Needs, reconcile};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let needs = Needs::from_environment(&aws::configuration().await)?;
    let needs = &needs;
    lambda_runtime::run(service_fn(async |_: LambdaEvent<serde_json::Value>| {
        reconcile(needs).await.map_err(Error::from)
    }))
    .await
}
