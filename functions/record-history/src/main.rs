//! Wires record-history to the history queue.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use outside::{aws, log};
use record_history::{App, handle};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let app = App::from_environment(&aws::configuration().await).await?;
    let app = &app;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<_>| handle(app, event.payload))).await
}
