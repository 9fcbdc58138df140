//! What is typed into each type of the real models, and what becomes of it. (ENR-1, FRM-2)

use super::*;
use crate::typed;

/// The days on which bounds that count from today are tried: an ordinary one, a leap day and the end of a month.
const DAYS: [Date; 3] = [TODAY, date(2028, 2, 29), date(2027, 3, 31)];

/// Documents of each format, at the bounds of their length, and what only looks like one.
fn documents(most: u64) -> Vec<Value> {
    let kinds =
        ["application/pdf", "application/pkcs7-mime", "image/jpeg", "image/png", "text/html"];
    let lengths = [0, 1, most, most + 1];
    let good = kinds.iter().flat_map(|kind| lengths.map(|bytes| document(kind, bytes)));
    let with = |member: &str, value: Value| {
        let mut odd = document("application/pdf", 1_000);
        if let Some(object) = odd.as_object_mut() {
            object.insert(member.to_owned(), value);
        }
        odd
    };
    let odd = [
        with("sha256", json!("0123456789ABCDEF".repeat(4))),
        with("sha256", json!("0123")),
        with("bytes", json!("1000")),
        with("bytes", json!(-1)),
        with("bytes", json!(1.5)),
        with("upload", json!("app_00000000000000000000000001")),
        with("upload", json!("upl_0000000000000000000000000")),
        with("upload", json!("upl_0000000000000000000000000U")),
        with("name", json!("contratto di Anna.pdf")),
        json!("upl_00000000000000000000000001"),
        json!({}),
    ];
    good.chain(odd).collect()
}

/// Strings that people paste and attackers try, for every field that holds text.
fn pasted() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "\u{200b}",
        "Anna",
        "anna",
        "  De   Niçola ",
        "D\u{2019}Alì",
        "Nguyễn Thị Ánh",
        "Łukasz",
        "e\u{301}",
        "Иванов",
        "كريم",
        "李小龍",
        "Ａｎｎａ",
        "an\u{a0}na",
        "an\u{85}na",
        "an\tna",
        "an\nna",
        "an\u{2028}na",
        "an\0na",
        "an\u{1b}na",
        "an\u{7f}na",
        "an\u{9f}na",
        "\u{feff}an\u{200d}na\u{202e}",
        "an\u{ad}na",
        "an\u{e0041}na",
        "an\u{3164}na",
        "\u{1f600}",
        "<b>",
        "{x}",
        "a\\b",
        "a|b",
        "Via Roma, 3/B – 2° piano",
        "«sì» 12 €",
        "ª",
        "×",
        "ǅ",
        "ß",
        "ſ",
        "K",
        "12345",
        "12 345",
        "１２３４５",
        "٣٤٥",
        "+39 0881 123456",
        "0039-0881/123456",
        "(0881) 12.34.56",
        "+",
        "++39",
        "3+9",
        "aa 123-4/5",
        "AB@123",
        "\u{24f}\u{23f}",
        "\u{250}\u{250}",
        "\u{1eff}\u{1e00}",
        "\u{1f00}\u{1f00}",
        "ab.12",
        "-",
        "12A",
        "' OR 1=1 --",
        "=1+1",
        "null",
        "0",
        "null\u{fffd}",
    ];
    let mut pasted: Vec<Value> = texts.map(Value::from).into();
    pasted.extend([
        json!(true),
        json!(false),
        json!(0),
        json!(5),
        json!(1.5),
        json!(null),
        json!([]),
        json!({"a": 1}),
    ]);
    pasted
}

/// Text of so many letters, and one more and less.
fn lengths(min: usize, max: usize, letter: &str) -> impl Iterator<Item = Value> {
    let around = [min.saturating_sub(1), min, max, max + 1];
    let around: BTreeSet<usize> = around.into_iter().filter(|count| *count > 0).collect();
    around.into_iter().map(move |count| letter.repeat(count).into())
}

fn numbers(min: i64, max: i64) -> Vec<Value> {
    [min - 1, min, max, max + 1, -1, 0, i64::MAX]
        .map(Value::from)
        .into_iter()
        .chain([
            json!(1.5),
            json!(1e20),
            json!(-1e300),
            json!(true),
            json!("40"),
            json!(""),
            json!([1]),
        ])
        .collect()
}

fn days(min: Option<&DateBound>, max: Option<&DateBound>, today: Date) -> Vec<Value> {
    let mut days: Vec<Value> = Vec::new();
    for bound in [min, max].into_iter().flatten() {
        let day = bound.on(today);
        days.extend(
            [-1, 0, 1].map(|more| {
                Value::from(day.checked_add(Span::new().days(more)).unwrap().to_string())
            }),
        );
    }
    if today == TODAY {
        days.extend(
            [
                "",
                " 2026-12-01 ",
                "2026-02-30",
                "2024-02-29",
                "2023-02-29",
                "20261201",
                "2026-12-01T00:00",
                "1/12/2026",
                "1899-12-31",
                "1900-01-01",
                "0001-01-01",
                "2026-1-1",
                "２０２６-12-01",
                "+002026-12-01",
                "-002026-12-01",
                "2026-12-01[u-ca=iso8601]",
                "2026-12-0\u{200b}1",
                "9999-12-31",
                "2026-13-01",
                "2026-00-10",
                "2026-12-32",
            ]
            .map(Value::from),
        );
        days.extend([json!(20_261_201), json!(true), json!(["2026-12-01"])]);
    }
    days
}

/// Every omocodia of two people, and the only right last character after each of some others.
fn omocodie() -> Vec<Value> {
    let mut codes: Vec<String> = Vec::new();
    for person in ["RSSMRA80A01H501U", "SNGGPR90E14Z222N"] {
        let code: FiscalCode = person.parse().unwrap();
        codes.extend((0..128).map(|mask| code.with_omocodia(mask).reveal().to_owned()));
    }
    for fifteen in ["RSSMRA00B29H501", "RSSMRA80B30H501", "RSSMRA80A71H501", "AAAAAAUUALMZLLL"] {
        codes.extend(('A'..='Z').map(|last| format!("{fifteen}{last}")));
    }
    codes.into_iter().map(Value::from).collect()
}

/// Codes with each kind of mistake.
fn codes() -> Vec<Value> {
    let mut codes: Vec<String> = Vec::new();
    for valid in ["RSSMRA80A01H501U", "00159560366", "12345678903"] {
        codes.push(valid.to_lowercase());
        codes.push(format!(" {}\u{a0}{}\u{200b}\n", &valid[..4], &valid[4..]));
        codes.push(format!("IT{valid}"));
        codes.push(format!("it {valid}"));
        let mut dice = Dice(16);
        for place in 0..valid.len() {
            for other in [
                *dice.one_of(&["A", "L", "Z", "M"]),
                *dice.one_of(&["0", "7", "9"]),
                *dice.one_of(&["é", "-", "ß", "１"]),
            ] {
                codes.push(format!("{}{other}{}", &valid[..place], &valid[place + 1..]));
            }
        }
        codes.push(valid[1..].to_owned());
        codes.push(format!("{valid}{valid}"));
    }
    // Days that do not exist, women's days, and 29 February of each century.
    for day in ["00", "32", "40", "41", "71", "72", "30"] {
        for month in ["A", "B", "D"] {
            codes.push(format!("RSSMRA80{month}{day}H501U"));
        }
    }
    codes.extend(
        [
            "RSSMRA00B29H501U",
            "RSSMRA00B69H501U",
            "RSSMRA01B29H501U",
            "IT\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}a",
            "00000000000",
            "IT00000000000",
            "ITIT159560366",
        ]
        .map(str::to_owned),
    );
    codes.into_iter().map(Value::from).collect()
}

fn addresses() -> Vec<Value> {
    let (sixty_four, label) = ("a".repeat(64), "b".repeat(63));
    let mut addresses: Vec<String> = [
        "rossi.srl@legalmail.it",
        "M.Rossi+flussi@PEC.Example.IT",
        "d'angelo@example.com",
        "a@b.it",
        "a@b.i",
        "a@b.12",
        "a@b.1a",
        "a@b",
        "@b.it",
        "a@",
        "a@@b.it",
        "a@b@c.it",
        ".a@b.it",
        "a.@b.it",
        "a..b@c.it",
        "a@-b.it",
        "a@b-.it",
        "a@b..it",
        "a@.it",
        "a@b_c.it",
        "Anna <a@b.it>",
        "a b@c.it",
        "à@b.it",
        "a@è.it",
        " a@b.it\u{a0}",
        "a\u{200b}@b.it",
        "a@b.it\n",
        "\"a\"@b.it",
        "a@[1.2.3.4]",
        "a@xn--caff-8oa.it",
        "nome.senza.chiocciola",
    ]
    .map(str::to_owned)
    .into();
    addresses.push(format!("{sixty_four}@b.it"));
    addresses.push(format!("{sixty_four}a@b.it"));
    addresses.push(format!("a@{label}.it"));
    addresses.push(format!("a@{label}b.it"));
    addresses.push(format!("a@{label}.{label}.{label}.{}.it", "c".repeat(57)));
    addresses.push(format!("a@{label}.{label}.{label}.{}.it", "c".repeat(58)));
    addresses.into_iter().map(Value::from).collect()
}

/// What is typed into a field, and what becomes of it: by its normal form, or by code and message.
#[derive(Default, Serialize)]
struct Typed {
    schema: &'static str,
    field: String,
    today: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kept: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<[Value; 2]>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    refused: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
}

fn typed_into(schema: &'static Schema, field: &Field, values: Vec<Value>, today: Date) -> Typed {
    let mut typed = Typed {
        schema: schema.id(),
        field: field.key.to_string(),
        today: today.to_string(),
        ..Typed::default()
    };
    for value in values {
        let wanted = BTreeMap::from([(field.key.to_string(), value.clone())]);
        match schema.check_changes(&Values::new(), &wanted, usual_writer(field), today) {
            Ok(mut accepted) => {
                // What clears an empty field is not told: it changes nothing.
                let normal = accepted.remove(&field.key).unwrap_or(Value::Null);
                if normal == value {
                    typed.kept.push(value);
                } else {
                    typed.changed.push([value, normal]);
                }
            }
            Err(errors) => {
                let FieldError { code, message, .. } = errors.into_iter().next().unwrap();
                typed.refused.entry(code).or_default().entry(message).or_default().push(value);
            }
        }
    }
    typed
}

/// Every distinct type of the real models is tried with what fits it and what does not. (ENR-1, FRM-2)
#[test]
fn the_browser_judges_the_same_values() {
    let mut seen = BTreeSet::new();
    let mut kinds = BTreeMap::<String, usize>::new();
    let mut groups = Vec::new();
    for schema in Schema::all() {
        for field in schema.fields().iter().filter(|field| field.derive.is_none()) {
            let kind = serde_json::to_value(&field.kind).unwrap();
            let name = match &field.kind {
                FieldType::Text { charset, .. } => format!("text {}", json!(charset)),
                _ => kind["kind"].to_string(),
            };
            if !seen.insert(sorted(&kind)) {
                continue;
            }
            let earlier = kinds.entry(name).or_default();
            *earlier += 1;
            // Of words and rows only the list differs.
            let many = matches!(field.kind, FieldType::Choice { .. }) && *earlier > 3;
            if many {
                continue;
            }
            let first = *earlier == 1;
            let mut values = if first { pasted() } else { Vec::new() };
            // Outside of text it is enough that text of each kind is refused.
            if !matches!(field.kind, FieldType::Text { .. } | FieldType::Email) {
                values = values.into_iter().step_by(4).collect();
            }
            values.extend(
                field.example.clone().filter(|_| !matches!(field.kind, FieldType::Date { .. })),
            );
            match &field.kind {
                FieldType::Text { min, max, charset } => {
                    let letter = match charset {
                        Charset::Name | Charset::Line => "à",
                        Charset::Free => "\u{1f600}",
                        Charset::DocumentNumber => "B",
                        Charset::Digits | Charset::Phone => "7",
                    };
                    values.extend(lengths(*min, *max, letter));
                    if first && *charset == Charset::Line {
                        values.extend(["a".repeat(4_096), "a".repeat(4_097)].map(Value::from));
                    }
                }
                FieldType::Integer { min, max } | FieldType::Money { min, max } => {
                    values.extend(numbers(*min, *max));
                }
                FieldType::Date { min, max } => {
                    for today in DAYS {
                        let mut days = days(min.as_ref(), max.as_ref(), today);
                        if today == TODAY {
                            days.extend(std::mem::take(&mut values));
                        }
                        groups.push(typed_into(schema, field, days, today));
                        let counts = |bound: &DateBound| bound.to_string().starts_with("today");
                        if !min.iter().chain(max).any(counts) {
                            break;
                        }
                    }
                    continue;
                }
                FieldType::Choice { options } => {
                    values.extend([
                        options[0].value.as_str().into(),
                        format!(" {}", options[0].value).into(),
                    ]);
                }
                FieldType::TableChoice { table, .. } => {
                    for row in &Table::find(table).unwrap().entries {
                        // Each row that is not like any other, and the first.
                        if row.valid_from.is_some()
                            || row.valid_until.is_some()
                            || values.is_empty()
                        {
                            values.push(row.code.as_str().into());
                        }
                    }
                    values.extend([json!(" ITA "), json!("ITA"), json!("XXX"), json!("ita")]);
                }
                FieldType::PersonFiscalCode => {
                    values.extend(codes());
                    values.extend(omocodie());
                }
                FieldType::CompanyFiscalCode | FieldType::VatNumber => values.extend(codes()),
                FieldType::Email => values.extend(addresses()),
                FieldType::File { max_bytes, .. } => values.extend(documents(*max_bytes)),
                FieldType::Boolean | FieldType::MustBeTrue => {
                    values.extend([json!(true), json!(false)]);
                }
                FieldType::Pec | FieldType::PostalCode => {}
            }
            groups.push(typed_into(schema, field, values, TODAY));
        }
    }
    let ranges = |holds: &dyn Fn(char) -> bool| {
        let mut ranges: Vec<[u32; 2]> = Vec::new();
        for symbol in (char::MIN..=char::MAX).filter(|symbol| holds(*symbol)).map(u32::from) {
            match ranges.last_mut() {
                Some([_, last]) if *last + 1 == symbol => *last = symbol,
                _ => ranges.push([symbol, symbol]),
            }
        }
        serde_json::to_string(&ranges).unwrap()
    };
    let text = format!(
        "{{\n\"invisible\": {},\n\"space\": {},\n\"typed\": {}\n}}\n",
        ranges(&|symbol| typed::visible(&symbol.to_string()).is_empty()),
        ranges(&char::is_whitespace),
        line_by_line(groups)
    );
    expect_file![path("values.json")].assert_eq(&text);
}

fn usual_writer(field: &Field) -> Writer {
    match &field.source {
        Source::Registry(registries) => Writer::Registry(registries[0]),
        Source::Hand => Writer::Person,
        _ => Writer::System,
    }
}
