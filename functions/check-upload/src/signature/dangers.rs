//! What must not be in a PDF that officers open, found by its structure: the same words in a text or an address do no harm.
//!
//! Every object of the file is looked at, also those of old revisions and those that nothing leads to, since readers
//! differ in what they find.

use super::crossref;
use super::object::{Dict, Node, Objects};
use super::pdf::{Part, Pdf};
use super::refusal::Refusal;

/// Entries that hold an action, or something with a set of them.
const ACTION_KEYS: [&[u8]; 5] = [b"A", b"PA", b"NA", b"OpenAction", b"Next"];

/// Entries that bring along programs, files or forms of another kind, wherever they stand.
const REFUSED_KEYS: [&[u8]; 7] = [
    b"Collection",
    b"EF",
    b"EmbeddedFiles",
    b"JavaScript",
    b"RichMediaContent",
    b"RichMediaSettings",
    b"XFA",
];

/// Entries of a stream that bring in another file.
const EXTERNAL_KEYS: [&[u8]; 5] = [b"F", b"FFilter", b"FDecodeParms", b"OPI", b"Ref"];

/// Actions that are refused also where nothing leads to them; an action in its place must be an allowed one.
const REFUSED_ACTIONS: [&[u8]; 14] = [
    b"GoTo3DView",
    b"GoToDp",
    b"GoToE",
    b"GoToR",
    b"Hide",
    b"ImportData",
    b"JavaScript",
    b"Launch",
    b"Movie",
    b"Rendition",
    b"ResetForm",
    b"RichMediaExecute",
    b"SetOCGState",
    b"SubmitForm",
];

/// Annotations that only show something, lead somewhere, or are fields.
const ANNOTATIONS: [&[u8]; 18] = [
    b"Caret",
    b"Circle",
    b"FreeText",
    b"Highlight",
    b"Ink",
    b"Line",
    b"Link",
    b"PolyLine",
    b"Polygon",
    b"Popup",
    b"Redact",
    b"Square",
    b"Squiggly",
    b"Stamp",
    b"StrikeOut",
    b"Text",
    b"Underline",
    b"Widget",
];

/// Actions of a reader that stay in the document.
const MOVES: [&[u8]; 4] = [b"FirstPage", b"LastPage", b"NextPage", b"PrevPage"];

/// Where a link may lead outside of the document, when a person presses it.
const ADDRESSES: [&[u8]; 3] = [b"http://", b"https://", b"mailto:"];

/// What must not be in the file, or keeps it from being examined.
pub(crate) fn found(pdf: &Pdf<'_>, objects: &Objects) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if objects.dicts().any(|(dict, is_stream)| is_active(objects, dict, is_stream)) {
        refusals.push(Refusal::ActiveContent);
    }
    if is_encrypted(pdf, objects) {
        refusals.push(Refusal::Encrypted);
    }
    if is_archive(pdf.bytes) {
        refusals.push(Refusal::Archive);
    }
    if objects.is_exhausted() {
        refusals.push(Refusal::PdfUnreadable);
    }
    // A reader that finds the tables wanting looks for objects everywhere, also in the data of streams.
    if !crossref::leads_only_to_objects(pdf, objects) && pdf.may_hide_objects() {
        refusals.push(Refusal::PdfUnreadable);
    }
    refusals
}

fn is_encrypted(pdf: &Pdf<'_>, objects: &Objects) -> bool {
    pdf.sections.iter().zip(&objects.parts).any(|(section, object)| {
        let is_trailer = section.part == Part::Trailer
            || object.dict().is_some_and(|dict| dict.is(b"Type", b"XRef") || dict.has(b"W"));
        is_trailer && object.values.iter().flat_map(Node::dicts).any(|dict| dict.has(b"Encrypt"))
    })
}

fn is_active(objects: &Objects, dict: &Dict, is_stream: bool) -> bool {
    let is =
        |key: &[u8], names: &[&[u8]]| named(objects, dict, key).any(|name| names.contains(&name));
    let holds_action = dict.entries().any(|(key, value)| {
        if key == b"AA" {
            // Its entries run by themselves, so none is allowed.
            dicts(objects, value)
                .flat_map(Dict::entries)
                .flat_map(|(_, action)| dicts(objects, action))
                .any(|action| action.has(b"S"))
        } else if ACTION_KEYS.contains(&key) {
            let is_pressed = key == b"A" && is(b"Subtype", &[b"Link"]);
            dicts(objects, value)
                .filter(|action| action.has(b"S"))
                .any(|action| !is_allowed(objects, action, is_pressed))
        } else {
            false
        }
    });
    let is_annotation = dict.has(b"Rect") || is(b"Type", &[b"Annot"]);
    holds_action
        || REFUSED_KEYS.iter().any(|key| dict.has(key))
        || (is_stream && EXTERNAL_KEYS.iter().any(|key| dict.has(key)))
        || is(b"S", &REFUSED_ACTIONS)
        || (is(b"Type", &[b"Action"])
            && !named(objects, dict, b"S").all(|kind| matches!(kind, b"GoTo" | b"Named" | b"URI")))
        || is(b"Type", &[b"EmbeddedFile", b"Rendition", b"MediaClip", b"3D"])
        || (is_stream && (is(b"Subtype", &[b"PS"]) || is(b"Subtype2", &[b"PS"])))
        || (is_annotation && has_other_annotation(objects, dict))
        || dict
            .all(b"Annots")
            .flat_map(|list| objects.resolve(list))
            .filter_map(Node::array)
            .flatten()
            .flat_map(|annotation| dicts(objects, annotation))
            .any(|annotation| has_other_annotation(objects, annotation))
}

fn has_other_annotation(objects: &Objects, dict: &Dict) -> bool {
    named(objects, dict, b"Subtype").any(|kind| !ANNOTATIONS.contains(&kind))
}

/// Whether an action stays in the document, or is the address of a link that a person presses.
fn is_allowed(objects: &Objects, action: &Dict, is_pressed: bool) -> bool {
    let all = |key: &[u8], allowed: fn(&Node) -> bool| {
        action.all(key).flat_map(|value| objects.resolve(value)).all(allowed)
    };
    let mut kinds = named(objects, action, b"S");
    kinds.all(|kind| match kind {
        b"GoTo" => true,
        b"Named" => is_pressed && all(b"N", is_move),
        b"URI" => is_pressed && all(b"URI", is_address),
        _ => false,
    }) && action.all(b"S").flat_map(|kind| objects.resolve(kind)).next().is_some()
}

fn is_move(value: &Node) -> bool {
    matches!(value, Node::Name(name) if MOVES.contains(&name.as_slice()))
}

fn is_address(value: &Node) -> bool {
    matches!(value, Node::Text(text) | Node::Hex(text)
    if ADDRESSES.iter().any(|start| {
        text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
    }))
}

/// The names that the entry may be; a value that is no name has an empty one.
fn named<'o>(
    objects: &'o Objects,
    dict: &'o Dict,
    key: &[u8],
) -> impl Iterator<Item = &'o [u8]> + use<'o> {
    let values: Vec<&Node> = dict.all(key).flat_map(|value| objects.resolve(value)).collect();
    values.into_iter().map(|value| match value {
        Node::Name(name) => name.as_slice(),
        _ => &[],
    })
}

fn dicts<'o>(objects: &'o Objects, value: &'o Node) -> impl Iterator<Item = &'o Dict> {
    let found = objects.resolve(value).into_iter();
    found
        .flat_map(|value| match value {
            // Several actions after each other.
            Node::Array(values) => values.iter().flat_map(|value| objects.resolve(value)).collect(),
            one => vec![one],
        })
        .filter_map(Node::dict)
}

/// Longest end of a file in which programs look for the directory of a ZIP, in bytes.
const ARCHIVE_END: usize = 22 + 65_535;
const DIRECTORY: &[u8] = b"PK\x01\x02";
const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";

/// Whether programs that open archives find one in the file: the end of a directory, and the directory before it.
fn is_archive(bytes: &[u8]) -> bool {
    let end = bytes.get(bytes.len().saturating_sub(ARCHIVE_END)..).unwrap_or_default();
    let before = bytes.len() - end.len();
    let marks = end.windows(END_OF_DIRECTORY.len()).enumerate();
    marks.filter(|(_, window)| *window == END_OF_DIRECTORY).any(|(at, _)| {
        let field = |from: usize| {
            let digits = end.get(at + from..at + from + 4)?.first_chunk::<4>()?;
            usize::try_from(u32::from_le_bytes(*digits)).ok()
        };
        let (Some(size), Some(offset)) = (field(12), field(16)) else { return false };
        let is_directory = |place: Option<usize>| {
            place
                .and_then(|place| bytes.get(place..))
                .is_some_and(|rest| rest.starts_with(DIRECTORY))
        };
        // By its length before the mark, as most programs count, or from the beginning of the file; a long archive says
        // neither.
        is_directory((before + at).checked_sub(size))
            || is_directory(Some(offset))
            || [size, offset].contains(&0xFFFF_FFFF)
    })
}

#[cfg(test)]
mod tests;
