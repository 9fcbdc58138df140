//! Wires `simulate-registries`; the use case is in the library.

use lambda_http::{Error, Request, run, service_fn};
use outside::{aws, config, log};
use simulate_registries::{Simulator, Vouchers};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let table = config::required("SIMULATOR_TABLE")?;
    let sdk = aws::configuration().await;
    let secret = config::secret(&sdk, "REGISTRIES_SECRET_ID").await?;
    let vouchers = Vouchers::new(config::required("REGISTRIES_CLIENT_ID")?, secret);
    let simulator = Simulator::new(aws_sdk_dynamodb::Client::new(&sdk), table, vouchers);
    run(service_fn(|request: Request| simulator.handle(request))).await
}
