//! Wires appoint-people to its routes.

use appoint_people::{App, handle};
use lambda_http::{Error, service_fn};
use outside::{aws, log};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let app = App::from_environment(&aws::configuration().await).await?;
    let app = &app;
    lambda_http::run(service_fn(move |request| handle(app, request))).await
}
