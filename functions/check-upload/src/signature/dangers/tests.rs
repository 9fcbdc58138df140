//! PDFs that act, bring something along or hide it, and such that only look so.

use std::fmt::Write as _;

use crate::signature::{FileFormat, Refusal, Upload, look};

/// A PDF of these objects, numbered from 1, of which the first is the catalog; the table tells where they are.
fn pdf(objects: &[String]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let start = file.len();
    let size = objects.len() + 1;
    writeln!(table, "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF").unwrap();
    file.extend(table.bytes());
    file
}

fn stream(entries: &str, data: &str) -> String {
    format!("<< /Length {} {entries} >>\nstream\n{data}\nendstream", data.len())
}

/// A scan with more in its catalog, more on its page, and more objects from number 5 on.
fn scan(catalog: &str, page: &str, more: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {page} >>"),
        stream("", "BT (Contratto di soggiorno) Tj ET"),
    ];
    objects.extend(more.iter().map(|object| (*object).to_owned()));
    pdf(&objects)
}

fn refusals(bytes: &[u8]) -> Vec<Refusal> {
    let verdict =
        look(Upload { bytes, declared_type: "", limit: 1_000_000 }, &FileFormat::DOCUMENTS);
    assert_eq!(verdict.accepted, verdict.refusals.is_empty());
    verdict.refusals
}

fn is_active(bytes: &[u8], what: &str) {
    assert_eq!(refusals(bytes), [Refusal::ActiveContent], "{what}");
}

fn is_harmless(bytes: &[u8], what: &str) {
    assert_eq!(refusals(bytes), [], "{what}");
}

const ACTIONS: [&str; 19] = [
    "/S /GoToR /F (\\\\\\\\192.0.2.1\\\\share\\\\x.pdf) /D [0 /Fit]",
    "/S /GoToE /T << /R /C >>",
    "/S /Launch /F (cmd.exe)",
    "/S /URI /URI (https://example.org/)",
    "/S /Named /N /Print",
    "/S /Named /N /NextPage",
    "/S /JavaScript /JS (app.alert)",
    "/S /J#61vaScript /JS (app.alert)",
    "/S /Rendition /OP 0",
    "/S /ResetForm",
    "/S /SubmitForm /F (https://example.org/)",
    "/S /ImportData /F (x.fdf)",
    "/S /GoTo3DView /TA 3 0 R",
    "/S /RichMediaExecute",
    "/S /SetOCGState /State []",
    "/S /Hide /T (x)",
    "/S /Sound /Sound 5 0 R",
    "/S /Thread /F (x.pdf)",
    "/S /InventedNextYear",
];

#[test]
fn nothing_runs_by_itself() {
    for action in ACTIONS {
        let own = format!("<< /Type /Action {action} >>");
        is_active(&scan(&format!("/OpenAction {own}"), "", &[]), action);
        is_active(&scan("/OpenAction 5 0 R", "", &[&own]), action);
        is_active(&scan("/OpenAction 6 0 R", "", &[&own, "5 0 R"]), action);
        is_active(
            &scan(&format!("/OpenAction << /S /GoTo /D [3 0 R] /Next [{own}] >>"), "", &[]),
            action,
        );
        is_active(&scan("", &format!("/AA << /O {own} >>"), &[]), action);
        is_active(&scan("", "/AA 5 0 R", &["<< /Type /Font /C 6 0 R >>", &own]), action);
        // On a signature field that nobody sees.
        let field = format!(
            "<< /Type /Annot /Subtype /Widget /FT /Sig /Rect [0 0 0 0] /AA << /PV {own} >> >>"
        );
        is_active(&scan("", "/Annots [5 0 R]", &[&field]), action);
    }
    // Also what stays in the document.
    is_active(&scan("", "/AA << /O << /S /GoTo /D [3 0 R /Fit] >> >>", &[]), "page");
}

#[test]
fn what_is_pressed_leads_to_an_address_or_stays() {
    let link = |action: &str| {
        let link = format!("<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << {action} >> >>");
        scan("", "/Annots [5 0 R]", &[&link])
    };
    for action in [
        "/S /GoTo /D [3 0 R /Fit]",
        "/S /Named /N /NextPage",
        "/S /URI /URI (https://www.comune.bari.example/Launch/JavaScript)",
        "/S /URI /URI (HTTP://example.org)",
        "/S /URI /URI (mailto:sportello@example.org)",
        "/S /URI /URI <68747470733A2F2F6578616D706C652E6F7267>",
    ] {
        is_harmless(&link(action), action);
    }
    for action in [
        "/S /URI /URI (file:///etc/passwd)",
        "/S /URI /URI (\\\\\\\\192.0.2.1\\\\share)",
        "/S /URI /URI (javascript:alert)",
        "/S /URI /URI (x.pdf)",
        "/S /URI /URI 3 0 R",
        "/S /Named /N /Print",
        "/S /Launch /F (cmd.exe)",
        "/S /GoToR /F (x.pdf)",
        "/S /GoTo /S /Launch /F (cmd.exe)",
        "/S /GoTo /Next << /S /URI /URI (https://example.org) >>",
        "/S [/GoTo]",
    ] {
        is_active(&link(action), action);
    }
    // An address under anything but a link is pressed by nobody who sees where it leads.
    let button = "<< /Type /Annot /Subtype /Widget /FT /Btn /Rect [0 0 9 9] /A << /S /URI /URI (https://example.org) >> >>";
    is_active(&scan("", "/Annots [5 0 R]", &[button]), "button");
}

#[test]
fn only_annotations_that_show_something_are_allowed() {
    let annotation = |kind: &str| format!("<< /Subtype /{kind} /Rect [0 0 9 9] >>");
    for kind in [
        "FileAttachment",
        "3D",
        "RichMedia",
        "Screen",
        "Movie",
        "Sound",
        "Projection",
        "TrapNet",
        "Invented",
    ] {
        is_active(&scan("", "/Annots [5 0 R]", &[&annotation(kind)]), kind);
        is_active(&scan("", &format!("/Annots [{}]", annotation(kind)), &[]), kind);
        // Without its place, which some readers do not ask for.
        is_active(
            &scan("", "/Annots 5 0 R", &["[6 0 R]", &format!("<< /Subtype /{kind} >>")]),
            kind,
        );
    }
    for kind in ["Text", "Highlight", "Stamp", "Ink", "Popup"] {
        is_harmless(&scan("", "/Annots [5 0 R]", &[&annotation(kind)]), kind);
    }
}

#[test]
fn nothing_is_brought_along() {
    let file = stream("", "MZ");
    for (catalog, more) in [
        ("", "<< /F (x.exe) /EF << /F 6 0 R >> >>"),
        ("", "<< /Type /Font /EF << /F 6 0 R >> >>"),
        ("/AF [5 0 R]", "<< /#45F << /F 6 0 R >> >>"),
        ("/Names << /EmbeddedFiles 5 0 R >>", "<< /Names [] >>"),
        ("/Names << /JavaScript 5 0 R >>", "<< /Names [] >>"),
        ("/AcroForm << /XFA 6 0 R >>", "null"),
        ("/Collection << >>", "null"),
    ] {
        is_active(&scan(catalog, "", &[more, &file]), more);
    }
    for entries in [
        "/F (\\\\\\\\192.0.2.1\\\\x)",
        "/F 3 0 R",
        "/FFilter /FlateDecode",
        "/Type /EmbeddedFile",
        "/Subtype /PS",
        "/Ref << /F (x.pdf) >>",
    ] {
        is_active(&scan("", "", &[&stream(entries, "x")]), entries);
    }
}

#[test]
fn names_that_mean_something_else_do_no_harm() {
    let glyph = stream("", "0 0 m");
    for (catalog, page, more) in [
        ("/OpenAction [3 0 R /Fit]", "", "null"),
        ("/OpenAction << /S /GoTo /D [3 0 R /Fit] >>", "", "null"),
        ("", "/Resources << /Font << /AA 5 0 R /A 5 0 R /PA 5 0 R >> >>", "<< /Type /Font >>"),
        (
            "",
            "/Resources << /Font << /F 5 0 R >> >>",
            "<< /Subtype /Type3 /CharProcs << /A 6 0 R /F 6 0 R /S 6 0 R >> >>",
        ),
        (
            "/StructTreeRoot 5 0 R",
            "",
            "<< /S /P /A << /O /Layout /Placement /Block >> /Next 3 0 R >>",
        ),
        ("", "/Group << /S /Transparency /CS /DeviceRGB >>", "null"),
        (
            "",
            "/Trans << /S /Dissolve >>",
            "<< /Title (JavaScript e Launch: /EmbeddedFile /Encrypt) >>",
        ),
    ] {
        is_harmless(&scan(catalog, page, &[more, &glyph]), &format!("{catalog} {page} {more}"));
    }
    let text = stream("", "BT (1 /Encrypt /JavaScript << /S /Launch >>) Tj ET");
    is_harmless(&scan("", "", &[&text]), "text");
}

/// A script in an object stream that lies inside another stream: only a table leads there.
fn script_in_a_stream(table_leads_to_it: bool) -> Vec<u8> {
    let script = "7 0 << /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>";
    let hidden = format!("6 0 obj\n{}\nendobj\n", stream("/Type /ObjStm /N 1 /First 4", script));
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in [
        "<< /Type /Catalog /Pages 2 0 R /OpenAction 7 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>".to_owned(),
        stream("", &hidden),
        "null".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let inside = file.windows(7).position(|window| window == b"6 0 obj").unwrap();
    let start = file.len();
    let mut lines = vec![[0; 7]];
    let mut line = |kind: u8, place: usize| {
        let mut line = [0; 7];
        line[0] = kind;
        line[1..5].copy_from_slice(&u32::try_from(place).unwrap().to_be_bytes());
        lines.push(line);
    };
    for place in places {
        line(1, place);
    }
    if table_leads_to_it {
        line(1, inside);
        line(2, 6);
    } else {
        line(0, 0);
        line(0, 0);
    }
    line(1, start);
    let data = lines.concat();
    file.extend(
        format!(
            "8 0 obj\n<< /Type /XRef /Size 9 /W [1 4 2] /Root 1 0 R /Length {} >>\nstream\n",
            data.len()
        )
        .bytes(),
    );
    file.extend(data);
    file.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

#[test]
fn tables_do_not_lead_into_the_data_of_a_stream() {
    assert_eq!(refusals(&script_in_a_stream(true)), [Refusal::PdfUnreadable]);
    is_harmless(&script_in_a_stream(false), "the same as a text, to which nothing leads");
    // A reader that cannot use the table looks for objects everywhere.
    let mut broken = script_in_a_stream(false);
    broken.truncate(broken.windows(9).rposition(|word| word == b"startxref").unwrap());
    broken.extend(b"startxref\n1\n%%EOF\n");
    assert_eq!(refusals(&broken), [Refusal::PdfUnreadable]);
    // The last mark counts, also one that stands in a comment.
    let mut second = script_in_a_stream(false);
    second.extend(b"% startxref\n% 1\n");
    assert_eq!(refusals(&second), [Refusal::PdfUnreadable]);
}

#[test]
fn a_file_with_a_wrong_table_is_read_as_readers_mend_it() {
    let good = String::from_utf8(scan("", "", &["null"])).unwrap();
    let at = good.rfind("startxref").unwrap();
    let mended = format!("{}startxref\n1\n%%EOF\n", &good[..at]);
    is_harmless(mended.as_bytes(), "no table where it should be");
    for hidden in ["7 0 obj << >>", "7 0obj<<>>", "7 0 %x\nobj"] {
        let text = good.replacen("Contratto di soggiorno", hidden, 1);
        let at = text.rfind("startxref").unwrap();
        let text = format!("{}startxref\n1\n%%EOF\n", &text[..at]);
        assert_eq!(refusals(text.as_bytes()), [Refusal::PdfUnreadable], "{hidden}");
    }
}

#[test]
fn a_hostile_file_of_lists_and_packed_texts_is_answered() {
    // A hundred thousand pages that all have the same hundred thousand annotations.
    let list = format!("[{}]", "3 0 R ".repeat(100_000));
    let pages: String = "<< /Annots 5 0 R >> ".repeat(100_000);
    assert_eq!(
        refusals_of_long(&scan("", "", &[&list, &format!("[{pages}]")])),
        [Refusal::PdfUnreadable]
    );
    // As many packed objects that are all the same long text.
    let (head, text) = ("7 0 ".repeat(100_000), format!("({})", "x".repeat(100_000)));
    let packed =
        stream(&format!("/Type /ObjStm /N 1 /First {}", head.len()), &format!("{head}{text}"));
    assert_eq!(refusals_of_long(&scan("", "", &[&packed])), [Refusal::PdfUnreadable]);
    let words = stream("", &"obj ".repeat(400_000));
    let broken = [&scan("", "", &[&words])[..], b"% startxref"].concat();
    assert_eq!(refusals_of_long(&broken), []);
}

fn refusals_of_long(bytes: &[u8]) -> Vec<Refusal> {
    look(Upload { bytes, declared_type: "", limit: usize::MAX }, &FileFormat::DOCUMENTS).refusals
}

#[test]
fn a_file_that_is_also_an_archive_is_refused() {
    // What `zip -` writes around an empty file, appended as a comment is.
    let name = b"fattura.exe";
    let mut local = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
    local.extend([0; 12]);
    local.extend([11, 0, 0, 0]);
    local.extend(name);
    let mut directory = b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0".to_vec();
    directory.extend([0; 12]);
    directory.extend([11, 0]);
    directory.extend([0; 16]);
    directory.extend(name);
    let scan = scan("", "", &[]);
    let archive = |before: &[u8]| {
        let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
        end.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
        end.extend(u32::try_from(before.len() + local.len()).unwrap().to_le_bytes());
        end.extend([0, 0]);
        [&local[..], &directory, &end].concat()
    };
    // Behind the file, and in a stream of it.
    let behind = [&scan[..], b"%", &archive(&scan)].concat();
    assert!(refusals(&behind).contains(&Refusal::Archive));
    let followed = [&behind[..], b"\n%%EOF\n"].concat();
    assert!(refusals(&followed).contains(&Refusal::Archive));
    // The mark alone comes up by chance in compressed images.
    let chance = [&scan[..], b"%PK\x05\x06 and some more bytes of a picture\n"].concat();
    is_harmless(&chance, "mark");
}
