//! Wires send-armed to its schedule.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use outside::{aws, log};
use send_armed::{App, run};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let app = App::from_environment(&aws::configuration().await)?;
    let app = &app;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<serde_json::Value>| {
        run(app, &event.payload).await.map_err(Error::from)
    }))
    .await
}
