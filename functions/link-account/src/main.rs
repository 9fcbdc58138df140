//! Wires link-account to its route.

use lambda_http::{Error, service_fn};
use link_account::{App, handle};
use outside::{aws, log};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let app = App::from_environment(&aws::configuration().await).await?;
    let app = &app;
    lambda_http::run(service_fn(move |request| handle(app, request))).await
}
