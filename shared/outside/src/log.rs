//! One JSON line per outcome, with identifiers and never with personal data (PRV-1).

/// Starts the log of a function; called once, first thing in `main`.
pub fn start() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .without_time()
        .with_max_level(tracing::Level::INFO)
        .init();
}

/// The whole chain of an AWS error; its plain `Display` says only `service error`.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
