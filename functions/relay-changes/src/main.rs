//! Wires relay-changes to the stream of the portal table.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use outside::{aws, log};
use relay_changes::{App, relay};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let app = App::from_environment(&aws::configuration().await)?;
    let app = &app;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<_>| {
        relay(app, event.payload).await.map_err(Error::from)
    }))
    .await
}
