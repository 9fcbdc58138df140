//! Wires manage-campaign to its routes.

use edge::origin::Origin;
use lambda_http::Error;
use manage_campaign::{App, handle};
use outside::{aws, log};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let sdk = aws::configuration().await;
    let (app, origin) = tokio::join!(App::from_environment(&sdk), Origin::from_environment(&sdk));
    origin?.serve(&app?, handle).await
}
