//! Signatures of AWS on what is asked without an SDK: an emulator that enforces roles checks each of them, as AWS does.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use outside::clock;
use reqwest::{
    Request,
    header::{HeaderName, HeaderValue},
};

use crate::story::{Deviation, StoryResult};

/// The account's owner as the emulator knows it: what deploys, tests and the edge are, and no function is.
pub fn owner() -> Credentials {
    Credentials::new("test", "test", None, None, "emulator")
}

/// Signs requests of the account's owner in one region.
#[derive(Clone, Debug)]
pub struct Signer {
    region: String,
}

impl Signer {
    /// A signer for a region.
    pub fn new(region: &str) -> Self {
        Self { region: region.to_owned() }
    }

    /// Adds the signature for a service, such as `sqs`.
    pub fn sign(&self, service: &str, request: &mut Request) -> StoryResult {
        let identity = owner().into();
        let mut settings = SigningSettings::default();
        if service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let now = u64::try_from(clock::wall().as_millisecond()).unwrap_or_default();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(now))
            .settings(settings)
            .build()?
            .into();
        let headers: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .filter(|(name, _)| name.as_str().starts_with("x-amz-"))
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            headers.into_iter(),
            SignableBody::Bytes(body),
        )?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let (headers, _) = instructions.into_parts();
        for header in headers {
            let name = HeaderName::from_static(header.name());
            let value = HeaderValue::from_str(header.value())
                .map_err(|error| Deviation::new(format!("no header: {error}")))?;
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}
