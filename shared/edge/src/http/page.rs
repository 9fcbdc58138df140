//! A small page for people who come by a link and have no session: no script, nothing from elsewhere, in no search engine.

use data_encoding::BASE64;
use http::{HeaderMap, HeaderValue};
use lambda_http::Body;
use sha2::{Digest, Sha256};

/// A whole HTML document with the one style that it holds.
#[derive(Clone, Debug)]
pub struct Page {
    html: String,
    policy: HeaderValue,
}

impl Page {
    /// A document, and the text between its `<style>` tags: the browser applies that one and no other.
    pub fn new(html: String, style: &str) -> Self {
        let style = BASE64.encode(&Sha256::digest(style));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        Self {
            html,
            policy: HeaderValue::from_str(&policy)
                .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'")),
        }
    }

    pub(super) fn body(&self) -> Body {
        Body::Text(self.html.clone())
    }

    /// The headers that keep scripts, other sites and search engines away from it.
    pub(super) fn protect(&self, headers: &mut HeaderMap) {
        headers.insert("content-type", HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert("content-security-policy", self.policy.clone());
        // Not `no-referrer`: under that a browser sends `Origin: null` with the page's own form, which we refuse.
        headers.insert("referrer-policy", HeaderValue::from_static("same-origin"));
        headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    }
}
