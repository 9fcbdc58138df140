//! Wires answer-confirmation to its routes.

use answer_confirmation::{Needs, handle};
use lambda_http::{Error, service_fn};
use outside::{aws, log};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let needs = Needs::from_environment(&aws::configuration().await).await?;
    let needs = &needs;
    lambda_http::run(service_fn(move |request| handle(needs, request))).await
}
