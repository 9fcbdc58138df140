//! What a form reads is what it describes.

use serde_json::json;

use super::*;

form! {
    /// A note
    /// to colleagues.
    struct Note {
        /// In the author's words.
        words: String = text().shortest(2).longest(5).checked(trimmed),
        /// How urgent, from 1 to 3.
        urgency: u64 = whole_number(1, Some(3)).optional(),
        /// The people whom the note is about.
        about: Vec<Person> = rows::<Person>(1, 2).sometimes(),
        tags: Value = list(text().pattern("^[a-z]+$"), 1, 9).sometimes(),
    }

    /// A person.
    struct Person {
        /// Identifier.
        id: u8 = text().parsed("Un numero."),
        /// Known or not.
        known: bool = boolean().optional(),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn trimmed(text: String) -> Result<String, Mistake> {
    match text.trim() {
        "" => Err(Mistake::new("vuoto", "Scrivi qualcosa.")),
        words => Ok(words.to_owned()),
    }
}

fn note(body: &Value) -> Note {
    Note::of(Fields::new(body.as_object().unwrap().clone()))
}

fn mistakes(problems: Vec<FieldProblem>) -> Vec<(String, String)> {
    problems.into_iter().map(|problem| (problem.field, problem.code)).collect()
}

/// Words, urgency and pages of a note.
type Read = (String, Option<u64>, Vec<u8>);

fn read(body: &Value) -> Result<Read, Vec<(String, String)>> {
    let mut note = note(body);
    let (words, urgency) = (note.words(), note.urgency());
    let mut about = Vec::new();
    if note.has("about") {
        for (index, mut person) in note.about().unwrap_or_default().into_iter().enumerate() {
            let (id, _) = (person.id(), person.known());
            about.extend(note.row("about", index, person.finish(id)));
        }
    }
    if note.has("tags") {
        note.tags();
    }
    note.finish(words.map(|words| (words, urgency, about))).map_err(mistakes)
}

#[test]
fn each_field_is_read_by_its_own_input() {
    assert_eq!(read(&json!({ "words": " hi " })), Ok(("hi".to_owned(), None, vec![])));
    let whole =
        json!({ "words": "hi", "urgency": 2, "about": [{ "id": "7", "known": null }], "tags": [] });
    assert_eq!(read(&whole), Ok(("hi".to_owned(), Some(2), vec![7])));
    let null = json!({ "words": "hi", "urgency": null });
    assert_eq!(read(&null), Ok(("hi".to_owned(), None, vec![])));
}

#[test]
fn all_mistakes_are_told_in_the_order_of_reading_and_unknown_fields_last() {
    let wrong = json!({
        "extra": 1, "words": "abcdef", "urgency": "2",
        "about": [{ "id": "x", "known": 1, "other": 0 }, { "id": "1" }],
    });
    let told = read(&wrong).unwrap_err();
    let told: Vec<_> = told.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(
        told,
        [
            ("words", "troppo-lungo"),
            ("urgency", "tipo-errato"),
            ("about[0].id", "non-valido"),
            ("about[0].known", "tipo-errato"),
            ("about[0].other", "sconosciuto"),
            ("extra", "sconosciuto"),
        ]
    );
    let missing = read(&json!({ "about": null })).unwrap_err();
    let missing: Vec<_> = missing.iter().map(|(field, code)| (&**field, &**code)).collect();
    assert_eq!(missing, [("words", "obbligatorio"), ("about", "tipo-errato")]);
}

#[test]
fn what_people_type_is_read_by_one_rule_and_a_password_as_it_is() {
    let hidden = json!({ "words": "\u{202e}h\u{200b}i\u{e0041}" });
    assert_eq!(read(&hidden).unwrap().0, "hi");
    let control = read(&json!({ "words": "h\u{7}i" })).unwrap_err();
    assert_eq!(control, [("words".to_owned(), "caratteri-di-controllo".to_owned())]);
    let Value::Object(body) = json!({ "password": " a\u{200b}\u{7}b " }) else { panic!("a body") };
    let typed = secret().read(&mut Fields::new(body), "password");
    assert_eq!(typed.as_deref(), Some(" a\u{200b}\u{7}b "));
}

#[test]
fn an_identifier_is_found_between_spaces() {
    let Value::Object(body) = json!({ "id": "\u{feff} 7 \n" }) else { panic!("a body") };
    assert_eq!(text().parsed::<u8>("Un numero.").read(&mut Fields::new(body), "id"), Some(7));
}

#[test]
fn the_description_follows_from_the_same_inputs() {
    use utoipa::PartialSchema as _;

    let schema = serde_json::to_value(Note::schema()).unwrap();
    assert_eq!(schema["description"], "A note\nto colleagues.");
    assert_eq!(schema["required"], json!(["words"]));
    assert_eq!(
        schema["properties"]["words"],
        json!({
            "type": "string", "minLength": 2, "maxLength": 5, "description": "In the author's words.",
        })
    );
    assert_eq!(schema["properties"]["urgency"]["type"], json!(["integer", "null"]));
    assert_eq!(schema["properties"]["about"]["maxItems"], 2);
    assert_eq!(schema["properties"]["about"]["items"]["$ref"], "#/components/schemas/Person");
    assert_eq!(schema["properties"]["tags"]["items"]["pattern"], "^[a-z]+$");
    let mut schemas = Vec::new();
    Note::schemas(&mut schemas);
    let names: Vec<_> = schemas.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Person"]);
}

#[test]
fn a_list_takes_what_it_describes_as_its_least_and_no_fewer() {
    for (least, accepted) in [(0, true), (1, false)] {
        let Value::Object(body) = json!({ "people": [] }) else { panic!("a body") };
        let list = rows::<Person>(least, 2);
        assert_eq!(list.read(&mut Fields::new(body), "people").is_some(), accepted);
        let described = serde_json::to_value(list.schema()).unwrap();
        assert_eq!(described.get("minItems").is_none(), accepted);
    }
}

#[test]
fn what_people_send_is_in_no_debug() {
    assert_eq!(format!("{:?}", note(&json!({ "words": "secret" }))), "Note([redacted])");
}
