//! Wires manage-campaign to its routes.

use lambda_http::{Error, service_fn};
use manage_campaign::{App, handle};
use outside::{aws, log};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let app = App::from_environment(&aws::configuration().await).await?;
    let app = &app;
    lambda_http::run(service_fn(move |request| handle(app, request))).await
}
