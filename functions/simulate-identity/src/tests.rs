//! The provider's endpoints that need no store, asked as the gateway asks.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use lambda_http::request::from_str;

use super::*;

/// A provider whose table cannot be reached.
fn provider() -> Provider {
    let configuration = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-south-1"))
        .endpoint_url("http://127.0.0.1:1")
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
        .build();
    let settings = Settings {
        issuer: "http://localhost:4000/identity".to_owned(),
        public_origin: "http://127.0.0.1:4000".to_owned(),
        client_id: "portale".to_owned(),
        client_secret: b"a secret of the deployment".to_vec(),
    };
    Provider::new(settings, Client::from_conf(configuration), "simulator".to_owned())
}

fn event(name: &str) -> String {
    let path = format!("{}/../../events/simulate-identity/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

async fn answered(event: &str) -> (u16, HeaderMap, String) {
    let response = provider().handle(from_str(event).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_configuration_names_addresses_below_the_issuer() {
    let (status, _, body) = answered(&event("configuration")).await;
    assert_eq!(status, 200);
    let configuration: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(configuration["issuer"], "http://localhost:4000/identity");
    for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        assert!(
            configuration[endpoint]
                .as_str()
                .unwrap()
                .starts_with("http://localhost:4000/identity/"),
            "{endpoint}"
        );
    }
}

#[tokio::test]
async fn the_page_offers_demo_people_at_three_levels() {
    let (status, headers, body) = answered(&event("authorize")).await;
    assert_eq!(status, 200);
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'")
            && policy.contains("form-action 'self' http://127.0.0.1:4000;")
    );
    for account in accounts() {
        assert!(body.contains(&format!("value=\"{}\"", account.id)), "{}", account.id);
        assert!(
            !body.contains(&account.identity.fiscal_code),
            "the page has no need of a person's code"
        );
    }
    for level in Level::ALL {
        assert!(body.contains(&format!("name=\"level\" value=\"{}\"", level.digit())));
    }
}

/// IDP-1: each of SPID's error codes leads back to the portal, without a code.
#[tokio::test]
async fn a_refusal_leads_back_without_a_code() {
    let (status, headers, _) = answered(&event("decision-refused")).await;
    assert_eq!(status, 303);
    let location = headers["location"].to_str().unwrap();
    assert!(location.starts_with("http://127.0.0.1:4000/api/sign-in/callback?error=access_denied&error_description=ErrorCode+nr22&state="));
    assert!(!location.contains("code="));
}

#[tokio::test]
async fn a_grant_without_a_store_is_an_outage_not_a_code() {
    let (status, headers, body) = answered(&event("decision-granted")).await;
    assert_eq!(status, 503);
    assert!(!headers.contains_key("location"));
    assert!(body.contains("temporarily_unavailable"));
}

#[tokio::test]
async fn a_strange_client_gets_a_page_and_no_redirection() {
    let strange = event("authorize").replace("client_id=portale", "client_id=altri");
    let (status, headers, body) = answered(&strange).await;
    assert_eq!(status, 400);
    assert!(!headers.contains_key("location"));
    assert!(body.contains("client_id sconosciuto"));
}

#[tokio::test]
async fn the_token_endpoint_wants_our_client() {
    let whole = event("token");
    let stranger = whole.replace("\"authorization\": \"Basic ", "\"authorization\": \"Basic AAAA");
    assert_ne!(stranger, whole);
    let (status, headers, body) = answered(&stranger).await;
    assert_eq!(status, 401);
    assert!(headers.contains_key("www-authenticate"));
    assert!(body.contains("invalid_client") && !body.contains("token"));
    let other_grant = whole.replace("grant_type=authorization_code", "grant_type=password");
    assert_eq!(answered(&other_grant).await.0, 400);
    // With the right secret it gets as far as the store, which is not there.
    assert_eq!(answered(&whole).await.0, 503);
}

#[tokio::test]
async fn other_paths_and_methods_are_not_there() {
    let whole = event("authorize");
    for (from, to) in [("/identity/authorize", "/identity/elsewhere"), ("\"GET\"", "\"DELETE\"")] {
        assert_eq!(answered(&whole.replace(from, to)).await.0, 404, "{to}");
    }
}
