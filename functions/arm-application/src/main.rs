//! Wires arm-application to its routes.

use arm_application::{App, handle};
use edge::origin::Origin;
use lambda_http::Error;
use outside::{aws, log};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Error> {
    log::start();
    let sdk = aws::configuration().await;
    let (app, origin) = tokio::join!(App::from_environment(&sdk), Origin::from_environment(&sdk));
    origin?.serve(&app?, handle).await
}
