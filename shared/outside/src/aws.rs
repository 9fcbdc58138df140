//! The SDK's configuration, read once at init from the default chain (region, credentials, `AWS_ENDPOINT_URL`).

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{
    config::SharedHttpClient, error::SdkError, operation::get_secret_value::GetSecretValueError,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use futures::future::join;
use thiserror::Error;

/// Why a secret could not be read at init.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The service did not answer with it.
    #[error("secret {id} cannot be read")]
    Unreadable {
        /// The secret's name, which is no secret.
        id: String,
        /// What the SDK said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service did not take a new value.
    #[error("secret {id} cannot be written")]
    Unwritable {
        /// The secret's name, which is no secret.
        id: String,
        /// What the SDK said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It has no text.
    #[error("secret {0} is empty")]
    Empty(String),
}

/// The configuration of every client of a function. Retries are ours (`store::retry`), so the SDK's are off.
pub async fn configuration() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(believing_amazon())
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(1))
                .operation_attempt_timeout(Duration::from_secs(3))
                .build(),
        )
        .load()
        .await
}

/// The authorities that sign AWS's certificates, as <https://www.amazontrust.com/repository/> publishes them; the last end in
/// 2037 and 2038.
const ROOTS: [&str; 5] = [
    include_str!("../roots/amazon-root-ca-1.pem"),
    include_str!("../roots/amazon-root-ca-2.pem"),
    include_str!("../roots/amazon-root-ca-3.pem"),
    include_str!("../roots/amazon-root-ca-4.pem"),
    include_str!("../roots/starfield-services-root-g2.pem"),
];

/// A client that believes Amazon's authorities and no other: it talks to nobody else, and to read the machine's 144 takes
/// four fifths of a function's start.
fn believing_amazon() -> SharedHttpClient {
    let trust =
        ROOTS.iter().fold(TrustStore::empty(), |trust, root| trust.with_pem_certificate(*root));
    // Fails for no content of a trust store: certificates are read when the first client is made.
    let context = TlsContext::builder().with_trust_store(trust).build().unwrap_or_default();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context)
        .build_https()
}

/// How often a secret is asked for. A fleet that starts at once asks at once: a function that gave up at the first slow or
/// throttled answer would not start, and its caller would see a 502 (ADR 29).
const SECRET_ATTEMPTS: u32 = 5;

/// A client that tries again, with the SDK's pauses: nothing is written, and init has ten seconds.
fn patient(sdk: &SdkConfig) -> aws_sdk_secretsmanager::Client {
    let retries = RetryConfig::standard().with_max_attempts(SECRET_ATTEMPTS);
    let configuration =
        aws_sdk_secretsmanager::config::Builder::from(sdk).retry_config(retries).build();
    aws_sdk_secretsmanager::Client::from_conf(configuration)
}

/// Reads a secret's text; called at init only, never on the path of a request.
pub async fn secret(sdk: &SdkConfig, id: &str) -> Result<Vec<u8>, SecretError> {
    let answer = patient(sdk).get_secret_value().secret_id(id).send().await.map_err(|source| {
        SecretError::Unreadable { id: id.to_owned(), source: Box::new(source) }
    })?;
    match answer.secret_string() {
        Some(text) if !text.is_empty() => Ok(text.as_bytes().to_vec()),
        _ => Err(SecretError::Empty(id.to_owned())),
    }
}

/// Reads a secret's current version and, where there is one, the version before: while a secret is rotated, what still
/// holds the old one must go on working.
///
/// # Errors
/// The current version cannot be read, or the service does not answer.
pub async fn secret_versions(sdk: &SdkConfig, id: &str) -> Result<Vec<Vec<u8>>, SecretError> {
    let previous = patient(sdk).get_secret_value().secret_id(id).version_stage("AWSPREVIOUS");
    let (current, previous) = join(secret(sdk, id), previous.send()).await;
    let current = current?;
    match previous {
        Ok(answer) => {
            let previous = answer.secret_string().filter(|text| !text.is_empty());
            Ok(std::iter::once(current)
                .chain(previous.map(|text| text.as_bytes().to_vec()))
                .collect())
        }
        // Never rotated.
        Err(error) if is_missing(&error) => Ok(vec![current]),
        Err(source) => Err(SecretError::Unreadable { id: id.to_owned(), source: Box::new(source) }),
    }
}

fn is_missing(error: &SdkError<GetSecretValueError>) -> bool {
    error.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception)
}

/// Gives a secret a new text: for the program that adds keys, never for a function.
pub async fn replace_secret(sdk: &SdkConfig, id: &str, text: String) -> Result<(), SecretError> {
    let written = aws_sdk_secretsmanager::Client::new(sdk)
        .put_secret_value()
        .secret_id(id)
        .secret_string(text)
        .send()
        .await;
    written
        .map(|_| ())
        .map_err(|source| SecretError::Unwritable { id: id.to_owned(), source: Box::new(source) })
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader, Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use aws_sdk_secretsmanager::config::{Credentials, Region, SharedCredentialsProvider};
    use data_encoding::{BASE64, HEXLOWER};
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// The fingerprints under which Amazon Trust Services publishes its roots.
    const FINGERPRINTS: [&str; 5] = [
        "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
        "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
        "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
        "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
        "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
    ];

    #[test]
    fn the_authorities_are_those_that_amazon_publishes() {
        for (pem, fingerprint) in ROOTS.iter().zip(FINGERPRINTS) {
            let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
            let der = BASE64.decode(body.as_bytes()).unwrap();
            assert_eq!(HEXLOWER.encode(&Sha256::digest(der)), fingerprint);
        }
    }
    /// Answers one request after the other, each on a connection of its own.
    fn answer_each(listener: &TcpListener, answers: &[(&str, &str)]) {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut length: usize = 0;
            loop {
                let mut line = String::new();
                request.read_line(&mut line).unwrap();
                let line = line.trim().to_ascii_lowercase();
                if let Some(bytes) = line.strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut asked = vec![0_u8; length];
            request.read_exact(&mut asked).unwrap();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    }

    /// ADR 29: on the morning of 12 January a fleet starts at once. The first answer to a function is that too many ask; it asks
    /// again, after the SDK's pause of a second at most, and starts.
    #[tokio::test]
    async fn a_secret_that_is_given_the_second_time_is_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let throttled = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
            let given = r#"{"Name":"portal/order","SecretString":"parola","VersionId":"1"}"#;
            answer_each(&listener, &[("400 Bad Request", throttled), ("200 OK", given)]);
        });
        // As `configuration` makes it, but for who asks and where.
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(believing_amazon())
            .retry_config(RetryConfig::disabled())
            .region(Region::new("eu-south-1"))
            .endpoint_url(format!("http://{address}"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "test", "test", None, None, "tests",
            )))
            .build();
        assert_eq!(secret(&sdk, "portal/order").await.unwrap(), b"parola");
    }
}
