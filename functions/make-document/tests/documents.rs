//! Each document, for an ordinary person and for hostile values, read back from the PDF.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{HOSTILE, agreement, contract, family_contract, hostile, ordinary};
use domain::document::DocumentKind;
use jiff::civil::date;
use lopdf::Document as Pdf;
use make_document::document::{
    AgreementData, ContractData, Document, Heading, Parent, ReceiptData, render,
};

/// The pages of a PDF and its text without white space, which layout may put anywhere.
fn read(pdf: &[u8]) -> (usize, String) {
    let file = Pdf::load_mem(pdf).unwrap();
    let pages: Vec<u32> = file.get_pages().keys().copied().collect();
    let text = file.extract_text(&pages).unwrap();
    (pages.len(), squeeze(&text))
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}

fn assert_shows(document: &Document, values: &[&str]) {
    let (_, text) = read(&render(document).unwrap());
    for value in values {
        assert!(
            text.contains(&squeeze(value)),
            "{:?} does not show {value}: {text}",
            document.kind()
        );
    }
}

fn ordinary_of(kind: DocumentKind) -> Document {
    ordinary().into_iter().find(|document| document.kind() == kind).unwrap()
}

#[test]
fn every_kind_renders_with_its_number_on_each_page_and_a_sensible_count_of_pages() {
    let kinds: Vec<DocumentKind> = ordinary().iter().map(Document::kind).collect();
    assert_eq!(kinds.len(), DocumentKind::ALL.len());
    assert!(DocumentKind::ALL.iter().all(|kind| kinds.contains(kind)));
    for document in ordinary() {
        let pdf = render(&document).unwrap();
        let file = Pdf::load_mem(&pdf).unwrap();
        let pages: Vec<u32> = file.get_pages().keys().copied().collect();
        let expected = match document.kind() {
            DocumentKind::Contract
            | DocumentKind::Agreement
            | DocumentKind::Module1
            | DocumentKind::Kit => 2,
            _ => 1,
        };
        assert_eq!(pages.len(), expected, "{:?}", document.kind());
        for page in pages {
            let text = squeeze(&file.extract_text(&[page]).unwrap());
            assert!(
                text.contains(&squeeze(&document.heading().application)),
                "page {page}: {text}"
            );
            assert!(text.contains(&document.heading().number), "page {page}: {text}");
            assert!(text.contains(&format!("Pagina{page}di{expected}")), "page {page}: {text}");
        }
        let text = read(&pdf).1;
        assert!(text.contains(&squeeze(document.kind().label())));
        assert!(!text.contains("Avviso."), "nothing is replaced for an ordinary person: {text}");
    }
}

#[test]
fn the_contract_shows_parties_work_housing_commitments_and_the_statement_of_art_47() {
    assert_shows(
        &Document::Contract(contract()),
        &[
            "AZIENDA AGRICOLA AGRO PONTINO S.R.L.",
            "agropontino.amministrazione@pec.agropontino.example.it",
            "D'AMICO MARIA GRAZIA",
            "SNGGPR94S03Z222K",
            "Passaporto n. V1234567",
            "stagionale",
            "dal 1º aprile 2026 al 31 ottobre 2026",
            "39 ore",
            "1.450,50 €",
            "120,00 €",
            "rientro del lavoratore nel Paese di provenienza",
            "ogni variazione del rapporto di lavoro",
            "articolo 47 del testo unico",
            "Il lavoratore",
        ],
    );
    assert_shows(
        &Document::Contract(family_contract()),
        &["mg.damico@pec.example.it", "a tempo indeterminato", "Il datore di lavoro"],
    );
}

#[test]
fn the_agreement_shows_the_family_the_credits_and_the_administrations_mark_over_its_data() {
    let data = agreement();
    let digest = data.digest().unwrap();
    assert_eq!(digest.len(), 64);
    assert_shows(
        &Document::Agreement(data.clone()),
        &[
            "KAUR SIMRAN",
            "coniuge",
            "16 crediti",
            "Firmato per l’Amministrazione",
            "1º aprile 2026",
            &digest,
        ],
    );
    let moved = AgreementData { phone: None, ..data };
    assert_ne!(moved.digest().unwrap(), digest);
}

#[test]
fn a_parent_signs_for_a_worker_of_17_years() {
    let parent = Parent {
        surname: "SINGH".to_owned(),
        given_names: "HARPREET".to_owned(),
        relation: "Madre".to_owned(),
        birth_date: date(1980, 3, 8),
    };
    let data = AgreementData { parents: vec![parent], ..agreement() };
    let (_, text) = read(&render(&Document::Agreement(data)).unwrap());
    assert_eq!(text.matches("SINGHHARPREET").count(), 2, "named, and with room to sign: {text}");
}

#[test]
fn the_modules_name_the_questura_and_put_each_value_beside_its_official_number() {
    assert_shows(
        &ordinary_of(DocumentKind::Module1),
        &[
            "Questura di Latina",
            "3 Cognome SINGH",
            "4 Nome GURPREET",
            "8 Rilascio X",
            "12 Conversione 14",
            "16 Codice della tipologia 18",
            "31 Codice fiscale SNGGPR94S03Z222K",
            "34 Data di nascita 03/11/1994",
            "36 Cittadinanza IND",
            "44 Numero V1234567",
            "48 Data di ingresso in Italia 28/03/2026",
            "50 Numero del visto ITA031234567",
            "52 Ingresso singolo X",
            "53 Ingressi multipli 54",
            "57 Valido al 31/12/2026",
            "136–173 Figli minori",
        ],
    );
    assert_shows(
        &ordinary_of(DocumentKind::Module2),
        &[
            "Questura di Latina",
            "4 Lavoro subordinato X",
            "5 Lavoro autonomo 8",
            "10 Stagionale X",
            "11 Durata: mesi 7",
            "19 Mansione Raccolta di ortaggi",
            "23 Codice fiscale 02345670591",
            "25 Matricola INPS 4901234567",
            "35 Prefettura (sigla) LT",
            "36 Data di sottoscrizione 02/04/2026",
        ],
    );
}

#[test]
fn the_kit_lists_what_it_contains_and_addresses_the_envelope() {
    assert_shows(
        &ordinary_of(DocumentKind::Kit),
        &[
            "Contratto di soggiorno",
            "Modulo 1 e modulo 2",
            "SNGGPR94S03Z222K",
            "Pagina del visto",
            "ITA031234567",
            "116,46 €",
            "QUESTURA DI LATINA",
            "UFFICIO IMMIGRAZIONE",
        ],
    );
}

#[test]
fn an_outage_over_the_end_of_summer_time_is_told_with_both_offsets() {
    assert_shows(
        &ordinary_of(DocumentKind::SuspensionAct),
        &[
            "25 ottobre 2026, ore 00:30:00 (ora italiana, UTC+02:00)",
            "25 ottobre 2026, ore 02:30:15 (ora italiana, UTC+01:00)",
            "Scadenza originaria 25 ottobre 2026, ore 23:59",
            "Nuova scadenza 26 ottobre 2026, ore 23:59",
        ],
    );
}

#[test]
fn the_receipt_shows_the_arrival_to_the_millisecond_and_how_to_verify() {
    assert_shows(
        &ordinary_of(DocumentKind::Receipt),
        &[
            "RCV-4T9K-ZX27-QH3M",
            "12 gennaio 2026, ore 09:00:00,123",
            "2026-01-12T08:00:00.123Z",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "flussi-2026-1f0c9b7e",
            "https://portale.example.it/verifica",
        ],
    );
    let finer = ordinary_of(DocumentKind::Receipt);
    let Document::Receipt(finer) = finer else { panic!("not a receipt") };
    let finer = ReceiptData { arrival: "2026-01-12T08:00:00.123999Z".parse().unwrap(), ..finer };
    assert_shows(&Document::Receipt(finer), &["09:00:00,123 (ora", "08:00:00.123Z"]);
    assert_shows(
        &ordinary_of(DocumentKind::FiscalCode),
        &["SNGGPR94S03Z222K", "91012345678", "30 marzo 2026"],
    );
}

#[test]
fn hostile_values_are_shown_as_they_are_and_never_run() {
    let [markup @ .., long] = HOSTILE.first_chunk::<4>().unwrap();
    for document in [markup.join(" "), (*long).to_owned()].iter().flat_map(|text| hostile(text)) {
        let (pages, text) = read(&render(&document).unwrap());
        assert!(pages <= 9, "{:?}: {pages} pages", document.kind());
        assert!(
            text.contains(&squeeze(&document.heading().application)),
            "{:?}: {text}",
            document.kind()
        );
        assert!(!text.contains("root:"));
    }
}

#[test]
fn letters_without_a_font_are_replaced_and_the_document_says_so() {
    for document in hostile("রহিম") {
        let (_, text) = read(&render(&document).unwrap());
        assert!(text.contains("\u{fffd}\u{fffd}\u{fffd}\u{fffd}"), "{text}");
        assert!(text.contains("Avviso.") && text.contains("U+09B0"), "{text}");
    }
    assert_shows(
        &Document::Contract(ContractData {
            duties: "Олександр Ковальчук".to_owned(),
            ..contract()
        }),
        &["Олександр Ковальчук"],
    );
}

#[test]
fn whatever_a_person_may_type_gives_a_document() {
    for text in HOSTILE {
        let document = hostile(text).swap_remove(0);
        render(&document).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    for document in hostile(&HOSTILE.join(" ")) {
        render(&document).unwrap_or_else(|error| panic!("{:?}: {error}", document.kind()));
    }
}

#[test]
fn the_same_data_gives_the_same_bytes_and_another_number_another_file_id() {
    for document in ordinary() {
        let first = render(&document).unwrap();
        // Another document in between: nothing of it may stay.
        render(&Document::Contract(family_contract())).unwrap();
        assert_eq!(first, render(&document).unwrap(), "{:?}", document.kind());
    }
    let renumbered = ContractData {
        heading: Heading { number: "CS-0002".to_owned(), ..contract().heading },
        ..contract()
    };
    let id = |data| {
        Pdf::load_mem(&render(&Document::Contract(data)).unwrap())
            .unwrap()
            .trailer
            .get(b"ID")
            .unwrap()
            .clone()
    };
    assert_ne!(id(contract()), id(renumbered));
}

#[test]
fn the_file_is_tagged_pdf_a_in_italian() {
    let pdf = render(&Document::Contract(contract())).unwrap();
    let file = Pdf::load_mem(&pdf).unwrap();
    let catalog = file.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"it-IT");
    assert!(catalog.get(b"StructTreeRoot").is_ok());
    let metadata =
        file.get_object(catalog.get(b"Metadata").unwrap().as_reference().unwrap()).unwrap();
    let xmp = String::from_utf8(metadata.as_stream().unwrap().content.clone()).unwrap();
    assert!(xmp.contains("<pdfaid:part>2</pdfaid:part>"), "{xmp}");
    assert!(xmp.contains("2026-04-01"), "the date is the document's: {xmp}");
}

#[test]
fn debug_shows_nothing_of_a_person() {
    for document in ordinary() {
        let shown = format!("{document:?}");
        assert!(shown.contains("(…)"));
        assert!(!shown.contains("SINGH") && !shown.contains("SNGGPR94S03Z222K"), "{shown}");
    }
}

/// For the eye and for the figures: the samples as files, and how long each took.
#[test]
#[ignore = "a look at the documents: cargo test -p make-document -- --ignored --nocapture samples"]
fn samples_are_written_to_look_at() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
    std::fs::create_dir_all(&folder).unwrap();
    let family = [(Document::Contract(family_contract()), "-family".to_owned())];
    let strange = HOSTILE.iter().enumerate().flat_map(|(at, text)| {
        hostile(text)
            .into_iter()
            .enumerate()
            .map(move |(n, document)| (document, format!("-hostile-{at}-{n}")))
    });
    let documents = ordinary().into_iter().map(|document| (document, String::new()));
    for (document, suffix) in documents.chain(family).chain(strange) {
        let started = std::time::Instant::now();
        let pdf = render(&document).unwrap();
        let file = folder.join(format!("{}{suffix}.pdf", document.kind().code()));
        println!("{} {:?}, {} bytes", file.display(), started.elapsed(), pdf.len());
        std::fs::write(file, pdf).unwrap();
    }
}
