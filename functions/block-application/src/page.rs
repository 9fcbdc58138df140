//! The page behind the link "Non sono stato io": what the application is, where it stands, one button (NEW-5).

use edge::http::{Page, Problem};

use crate::view::{BlockView, Blockable};

/// The one style of the page. Blue on white at 5.6 to 1; the button is as large as a finger.
const STYLE: &str = "\
body{margin:0;font:1.125rem/1.5 system-ui,sans-serif;color:#17324d;background:#fff}\
main{max-width:40rem;margin:0 auto;padding:1.5rem}\
h1{font-size:1.75rem;line-height:1.2}\
dt{font-weight:700}dd{margin:0 0 .75rem}\
button{font:inherit;font-weight:700;min-height:3rem;padding:.5rem 1.5rem;color:#fff;background:#06c;border:0;border-radius:.25rem;cursor:pointer}\
button:focus-visible,a:focus-visible{outline:.2rem solid #ff9900;outline-offset:.2rem}\
.esito{border-left:.25rem solid #06c;padding-left:1rem}";

/// The page about an application.
pub(crate) fn about(view: &BlockView) -> Page {
    let (title, form) = match view.blockable {
        Blockable::Now => (
            "Hai chiesto tu questa domanda?",
            "<form method=\"post\"><button type=\"submit\">Non sono stato io: blocca la domanda</button></form>",
        ),
        Blockable::Already => ("La domanda è bloccata", ""),
        Blockable::NoLonger => ("La domanda non si può più bloccare da qui", ""),
    };
    let facts = [
        ("Domanda", view.application.as_str()),
        ("Modello", view.model_label.as_str()),
        ("Avviata", view.started_in_words.as_str()),
        ("Compilata", view.filed_by),
        ("Stato", view.state_label),
    ]
    .map(|(term, text)| format!("<dt>{term}</dt><dd>{}</dd>", escaped(text)))
    .concat();
    document(
        title,
        &format!(
            "<p class=\"esito\" role=\"status\">{}</p><dl>{facts}</dl>{form}",
            escaped(view.message)
        ),
    )
}

/// The page that tells a problem: what happened, what to do, what to quote to the help desk.
pub(crate) fn trouble(problem: &Problem, request_id: &str) -> Page {
    document(
        problem.kind().title(),
        &format!(
            "<p class=\"esito\" role=\"alert\">{}</p><p>Codice della richiesta per l'Help Desk: {}</p>",
            escaped(problem.text()),
            escaped(request_id)
        ),
    )
}

fn document(title: &str, body: &str) -> Page {
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html lang=\"it\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex,nofollow\">\
         <title>{title} – Portale dei nulla osta al lavoro</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}<p><a href=\"/\">Vai al portale</a></p></main></body></html>"
    );
    Page::new(html, STYLE)
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for symbol in text.chars() {
        match symbol {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            symbol => safe.push(symbol),
        }
    }
    safe
}
