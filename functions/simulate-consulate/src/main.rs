//! Wires simulate-consulate to its routes.

use lambda_http::{Error, service_fn};
use outside::{aws, log};
use simulate_consulate::{Simulator, handle};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let simulator = Simulator::from_environment(&aws::configuration().await).await?;
    let simulator = &simulator;
    lambda_http::run(service_fn(move |request| handle(simulator, request))).await
}
