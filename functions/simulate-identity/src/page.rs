//! The page on which a person chooses who they are: plain HTML without scripts, for keyboard and screen reader.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::{
    Settings,
    authorization::Authorization,
    decision::{Defect, Level, Manner, OPENID_ERRORS, SPID_ERRORS},
    people::accounts,
};

const STYLE: &str = "
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 0 auto; padding: 1rem; }
.warning { border: .125rem solid; border-left-width: .75rem; padding: .5rem 1rem; }
fieldset { margin: 1.5rem 0; padding: .5rem 1rem; }
legend { font-weight: bold; padding: 0 .5rem; }
.choice { display: flex; gap: .75rem; align-items: baseline; padding: .375rem 0; }
.choice input { min-width: 1.5rem; min-height: 1.5rem; }
.field { display: block; margin: .75rem 0; }
.field input, .field select { display: block; font: inherit; width: 100%; box-sizing: border-box; padding: .375rem; }
summary { padding: .5rem 0; }
button { font: inherit; padding: .625rem 1.5rem; margin: 0 1rem 1rem 0; }
:focus-visible { outline: .1875rem solid; outline-offset: .125rem; }
";

/// What the page may load and where its form may lead: nothing from elsewhere, and back to the portal.
pub(crate) fn policy(public_origin: &str) -> String {
    let style = BASE64.encode(&Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self' {public_origin}; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The page of a request.
pub(crate) fn choice(authorization: &Authorization, settings: &Settings) -> String {
    let action =
        escaped(&format!("{}/authorize/decision?{}", settings.issuer, authorization.query));
    let people: String = accounts()
        .iter()
        .enumerate()
        .map(|(place, account)| {
            let label = format!(
                "<strong>{} {}</strong>, {}",
                escaped(&account.identity.given_name),
                escaped(&account.identity.family_name),
                escaped(&account.role)
            );
            radio("person", account.id, place == 0, &label)
        })
        .collect();
    let levels: String = Level::ALL
        .into_iter()
        .map(|level| {
            let label = match level {
                Level::One => "Livello 1: solo password",
                Level::Two => "Livello 2: password e codice temporaneo",
                Level::Three => "Livello 3: carta o dispositivo certificato (anche CIE)",
            };
            radio("level", level.digit(), level == authorization.level, label)
        })
        .collect();
    let defects = options(Defect::ALL.into_iter().map(|(_, name, label)| (name, label.to_owned())));
    let manners = options(Manner::ALL.into_iter().map(|(_, name, label)| (name, label.to_owned())));
    let numbered = SPID_ERRORS.into_iter().map(|(code, label)| (code, format!("{code}: {label}")));
    let errors = options(numbered.chain(OPENID_ERRORS.map(|name| (name, name.to_owned()))));
    let other = radio("person", "other", false, "un'altra persona, con i dati scritti qui sotto");
    let typed = [
        field("fiscal_code", "Codice fiscale", "text"),
        field("given_name", "Nome", "text"),
        field("family_name", "Cognome", "text"),
        field("email", "E-mail", "email"),
        field("birthdate", "Data di nascita", "date"),
    ]
    .concat();
    document(
        "Accesso di prova con SPID o CIE",
        &format!(
            r#"<p class="warning">Questo è un gestore di identità simulato: le persone sono inventate. Non scrivere dati veri.</p>
<form method="post" action="{action}">
<fieldset><legend>Chi sei</legend>{people}{other}
<details><summary>Dati dell'altra persona</summary>{typed}</details></fieldset>
<fieldset><legend>Come ti autentichi</legend>{levels}</fieldset>
<details><summary>Prove di guasto</summary>
<label class="field">Come il gestore comunica i dati <select name="manner">{manners}</select></label>
<label class="field">Che cosa va storto <select name="defect"><option value="">niente</option>{defects}</select></label>
<label class="field">Errore del gestore al posto dell'accesso <select name="error"><option value="">nessuno</option>{errors}</select></label>
</details>
<p><button type="submit">Accedi</button></p>
</form>
<form method="post" action="{action}"><input type="hidden" name="error" value="25"><button type="submit">Annulla e torna al portale</button></form>"#
        ),
    )
}

/// The page of a request that cannot go back to the portal.
pub(crate) fn problem(message: &str) -> String {
    document(
        "Richiesta di accesso non valida",
        &format!(
            "<p class=\"warning\">{}</p><p>Torna al portale e ripeti l'accesso.</p>",
            escaped(message)
        ),
    )
}

fn document(title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"it\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
<title>{title}</title><style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n{content}\n</main></body></html>\n"
    )
}

fn field(name: &str, label: &str, kind: &str) -> String {
    format!(
        "<label class=\"field\">{label} <input name=\"{name}\" type=\"{kind}\" maxlength=\"200\" autocomplete=\"off\"></label>"
    )
}

fn options(choices: impl Iterator<Item = (&'static str, String)>) -> String {
    choices.fold(String::new(), |options, (value, label)| {
        options + "<option value=\"" + value + "\">" + &escaped(&label) + "</option>"
    })
}

fn radio(name: &str, value: &str, checked: bool, label: &str) -> String {
    let checked = if checked { " checked" } else { "" };
    format!(
        "<label class=\"choice\"><input type=\"radio\" name=\"{name}\" value=\"{value}\"{checked}> <span>{label}</span></label>"
    )
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, letter| {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let settings = Settings {
            issuer: "http://localhost:4000/identity".to_owned(),
            public_origin: "http://127.0.0.1:4000".to_owned(),
            client_id: "portale".to_owned(),
            client_secret: b"a secret".to_vec(),
        };
        let query = format!(
            "client_id=portale&redirect_uri=http://127.0.0.1:4000/api/sign-in/callback&response_type=code&scope=openid\
             &state={0}&nonce={0}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
             &ui_locales=\"><script>",
            "s".repeat(32)
        );
        choice(&Authorization::read(&query, &settings).unwrap(), &settings)
    }

    #[test]
    fn what_a_stranger_put_into_the_address_stays_text() {
        assert!(!page().contains("<script"));
        assert!(problem("<b>").contains("&lt;b&gt;"));
    }

    #[test]
    fn nothing_is_loaded_and_only_our_style_is_allowed() {
        let page = page();
        for forbidden in ["src=", "href=", "<link", "<img", "url(", "style=\"", "onclick"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        let style =
            page.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).unwrap().0;
        let hash = BASE64.encode(&Sha256::digest(style));
        assert!(policy("http://127.0.0.1:4000").contains(&format!("style-src 'sha256-{hash}'")));
    }

    /// For keyboard and screen reader: each control has a label around it, groups have a name, the language is told.
    #[test]
    fn each_control_is_labelled() {
        let page = page();
        assert!(page.contains("<html lang=\"it\">"));
        let controls = page.matches("<input type=\"radio\"").count()
            + page.matches("<select").count()
            + page.matches("<label class=\"field\">").count()
            - page.matches("<select").count();
        assert_eq!(page.matches("<label").count(), controls);
        assert_eq!(page.matches("<fieldset>").count(), page.matches("<legend>").count());
        assert_eq!(
            page.matches("checked>").count(),
            2,
            "one person and one level are chosen beforehand"
        );
    }
}
