//! Wires `simulate-identity`; the use case is in the library.

use lambda_http::{Error, Request, run, service_fn};
use outside::{aws, config, log};
use simulate_identity::{Provider, Settings};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let sdk = aws::configuration().await;
    let settings = Settings {
        issuer: config::required("IDENTITY_ISSUER")?,
        public_origin: config::required("PUBLIC_ORIGIN")?,
        client_id: config::required("IDENTITY_CLIENT_ID")?,
        client_secret: config::secret(&sdk, "IDENTITY_SECRET_ID").await?,
    };
    let table = config::required("SIMULATOR_TABLE")?;
    let provider = Provider::new(settings, aws_sdk_dynamodb::Client::new(&sdk), table);
    run(service_fn(|request: Request| provider.handle(request))).await
}
