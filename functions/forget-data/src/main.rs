//! Wires forget-data to its schedule.

use forget_data::{App, run};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use outside::{aws, log};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let app = App::from_environment(&aws::configuration().await).await?;
    let app = &app;
    lambda_runtime::run(service_fn(async |_: LambdaEvent<serde_json::Value>| {
        run(app).await.map_err(Error::from)
    }))
    .await
}
