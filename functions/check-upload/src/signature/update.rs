//! Whether what was appended to a PDF is only signatures, or what proves them for longer.
//!
//! A signature covers whatever stands in the file, also a page that was rewritten just before signing.
//! So each revision after the contract must leave every object as it was, except where signatures are entered,
//! and its table must name exactly the objects that are read here.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::crossref::{self, Place};
use super::object::{Dict, Node, Object, Objects};
use super::pdf::{Part, Pdf};

/// What a new field of a signature may say: nothing that acts, asks or calculates.
const FIELD_KEYS: [&[u8]; 20] = [
    b"AP", b"BS", b"Border", b"DA", b"F", b"FT", b"Ff", b"Lock", b"M", b"MK", b"NM", b"P", b"Q",
    b"Rect", b"SV", b"Subtype", b"T", b"TU", b"Type", b"V",
];

/// Revisions after the first document; each signature and each proof is one.
const MOST_REVISIONS: usize = 100;

/// How the signatures look that were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Appearance {
    /// Nothing is drawn on a page.
    Invisible,
    /// At least one is drawn, which can hide what is below: only an eye can tell.
    Drawn,
}

/// Whether all that stands from `end` on, where a signature ends, leaves what it covers as it was and is signed by nobody
/// else: time stamps over the whole and data for later checks (PAdES levels T and LT).
pub(crate) fn only_adds_proof(pdf: &Pdf<'_>, objects: &Objects, end: usize) -> bool {
    let is_signed_again =
        pdf.signatures().iter().any(|signature| signature.start >= end && !signature.is_stamp());
    !is_signed_again
        && holds_nothing_beside_its_sections(pdf, end)
        && only_adds_signatures(pdf, objects, end) == Some(Appearance::Invisible)
}

/// Whether only white space stands between `end` and the next section, and after the mark that ends the file: what belongs
/// to no section is read by nobody here.
fn holds_nothing_beside_its_sections(pdf: &Pdf<'_>, end: usize) -> bool {
    let next = pdf.sections.iter().map(|section| section.start).find(|start| *start >= end);
    let before = pdf.bytes.get(end..next.unwrap_or(pdf.bytes.len()));
    let mark: &[u8] = b"startxref";
    let last = pdf.bytes.windows(mark.len()).rposition(|word| word == mark);
    let rest = last.and_then(|at| pdf.bytes.get(at + mark.len()..)).unwrap_or_default();
    let rest = rest.trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest.get(digits..).unwrap_or_default().trim_ascii_start();
    before.is_some_and(|before| before.trim_ascii().is_empty())
        && rest.strip_prefix(b"%%EOF").is_some_and(|rest| rest.trim_ascii().is_empty())
}

/// How the signatures look that stand from `end` on, the length of the first document in bytes; None if anything else
/// does.
pub(crate) fn only_adds_signatures(
    pdf: &Pdf<'_>,
    objects: &Objects,
    end: usize,
) -> Option<Appearance> {
    let first_new = pdf.sections.partition_point(|section| section.start < end);
    let old_packed = |object: &&Object| object.packed_in.is_some_and(|index| index < first_new);
    // Nobody packs what is added, and it would be one more way to say where an object is.
    if !objects.packed.iter().all(|object| old_packed(&object)) {
        return None;
    }
    let mut document = Document {
        pdf,
        objects: HashMap::new(),
        awaited: HashSet::new(),
        root: None,
        info: None,
        start: 0,
    };
    for object in &objects.packed {
        document.enter(object);
    }
    let old = objects.parts.get(..first_new)?;
    for (index, object) in old.iter().enumerate() {
        document.take_over(index, object);
    }
    let pointed_to = old.iter().chain(&objects.packed).flat_map(|object| &object.values);
    document.awaited = pointed_to.flat_map(Node::points_to).collect();

    // Each revision ends with the place of its table.
    let mut look = Appearance::Invisible;
    let mut from = first_new;
    for _ in 0..MOST_REVISIONS {
        if from == pdf.sections.len() {
            return Some(look);
        }
        let rest = pdf.sections.get(from..)?;
        let length = rest.iter().position(|section| section.part == Part::Start)? + 1;
        look = look.max(document.adds_signatures(objects, from, from + length)?);
        from += length;
    }
    None
}

/// The document as the revisions so far make it.
struct Document<'p> {
    pdf: &'p Pdf<'p>,
    /// By number: the last one, and where some are packed each that may count.
    objects: HashMap<usize, Vec<&'p Object>>,
    /// Numbers that the first document points to: a missing one of them must not be filled in.
    awaited: HashSet<usize>,
    root: Option<usize>,
    info: Option<usize>,
    /// Where its last table begins.
    start: usize,
}

/// What a revision brings, by number, and the index of each object's section.
type New<'p> = HashMap<usize, (usize, &'p Object)>;

impl<'p> Document<'p> {
    fn enter(&mut self, object: &'p Object) {
        let Some(number) = object.number else { return };
        let known = self.objects.entry(number).or_default();
        if known.iter().all(|known| known.packed_in.is_none()) && object.packed_in.is_none() {
            known.clear();
        }
        known.push(object);
    }

    fn take_over(&mut self, index: usize, object: &'p Object) {
        let Some(section) = self.pdf.sections.get(index) else { return };
        let mut describes = |dict: &Dict| {
            let point = |key| dict.get(key).and_then(Node::first_generation);
            self.root = point(b"Root").or(self.root);
            self.info = point(b"Info").or(self.info);
        };
        match section.part {
            Part::Object { .. } => {
                if let Some(dict) = object.dict().filter(|dict| dict.is(b"Type", b"XRef")) {
                    describes(dict);
                }
                self.enter(object);
            }
            Part::Trailer => {
                if let Some(dict) = object.dict() {
                    describes(dict);
                }
            }
            Part::Start => self.start = object.value().and_then(Node::number).unwrap_or(0),
            Part::Table => {}
        }
    }

    /// How the signatures of the revision look, whose parts are from one index up to another; None if it does anything
    /// else. Takes it over.
    fn adds_signatures(
        &mut self,
        objects: &'p Objects,
        from: usize,
        to: usize,
    ) -> Option<Appearance> {
        let sections = self.pdf.sections.get(from..to)?;
        let parts = objects.parts.get(from..to)?;
        // Its objects, the index of its table, and what a trailer says: of a table in a stream, the stream itself.
        let (count, table, trailer) = match sections {
            [.., table, trailer, _]
                if (table.part, trailer.part) == (Part::Table, Part::Trailer) =>
            {
                let table = parts.len().checked_sub(3)?;
                (table, table, parts.get(table + 1)?.dict()?)
            }
            [.., table, _] if matches!(table.part, Part::Object { .. }) => {
                let table = parts.len().checked_sub(2)?;
                (table + 1, table, parts.get(table)?.dict()?)
            }
            _ => return None,
        };
        let own = parts.get(..count)?;
        let in_order = sections
            .get(..count)?
            .iter()
            .all(|section| matches!(section.part, Part::Object { generation: 0, .. }))
            && parts.last()?.value()?.number()? == sections.get(table)?.start;
        let previous = trailer.get(b"Prev")?.number()?;
        // Whatever is the document's description may be rewritten, so nothing else may become it.
        let info = trailer.get(b"Info").and_then(Node::first_generation);
        let described =
            info.is_none_or(|info| self.info == Some(info) || !self.objects.contains_key(&info));
        let follows = previous == self.start
            && trailer.get(b"Root")?.first_generation() == self.root
            && self.root.is_some()
            && !trailer.has(b"XRefStm");
        let new: New<'p> = own
            .iter()
            .enumerate()
            .filter_map(|(index, object)| Some((object.number?, (from + index, object))))
            .collect();
        let entries = crossref::entries(self.pdf, sections.get(table)?, parts.get(table)?)?;
        let allowed = in_order
            && follows
            && described
            && new.len() == own.len()
            && self.names_exactly(&entries, &new, from + table)
            && new.iter().all(|(number, (_, object))| match self.objects.get(number) {
                None => !self.awaited.contains(number),
                Some(old) => old.iter().all(|old| self.may_become(*number, old, object, &new)),
            });
        let fields = || own.iter().filter_map(Object::dict).filter(|dict| dict.is(b"FT", b"Sig"));
        let is_drawn = fields().any(is_drawn);
        let is_plain =
            fields().all(|field| field.entries().all(|(key, _)| FIELD_KEYS.contains(&key)));
        for (index, object) in parts.iter().enumerate() {
            // Its table leads there and nowhere else, so that what stood under the number counts no more.
            if let Some(number) = object.number {
                self.objects.remove(&number);
            }
            self.take_over(from + index, object);
        }
        (allowed && is_plain).then_some(if is_drawn {
            Appearance::Drawn
        } else {
            Appearance::Invisible
        })
    }

    /// Whether the table names the objects of the revision, all where they stand, and removes none. A table in a stream
    /// may leave itself out.
    fn names_exactly(&self, entries: &[(usize, Place)], new: &New<'_>, table: usize) -> bool {
        let mut named = HashSet::new();
        let exact = entries.iter().all(|(number, place)| match *place {
            Place::At { offset, generation: 0 } => {
                named.insert(*number)
                    && new
                        .get(number)
                        .is_some_and(|(index, _)| self.pdf.section_at(offset) == Some(*index))
            }
            Place::Free => !self.objects.contains_key(number) && !new.contains_key(number),
            Place::At { .. } | Place::Packed(_) => false,
        });
        exact && new.iter().all(|(number, (index, _))| *index == table || named.contains(number))
    }

    fn may_become(&self, number: usize, old: &Object, new: &Object, revision: &New<'_>) -> bool {
        let (Some(before), Some(after)) = (old.dict(), new.dict()) else { return false };
        // Of a stream the word that ends it is read, too.
        let is_one_value =
            |object: &Object| object.values.len() == 1 + usize::from(object.is_stream);
        if !is_one_value(old) || !is_one_value(new) {
            return false;
        }
        let same_but =
            |keys: &[&[u8]]| !old.is_stream && !new.is_stream && before.same_but(after, keys);
        if self.info == Some(number) {
            // Nothing that is drawn goes without one of these.
            return !new.is_stream && !after.has(b"Type") && !after.has(b"Subtype");
        }
        if self.root == Some(number) {
            return same_but(&[
                b"AcroForm",
                b"DSS",
                b"Extensions",
                b"Metadata",
                b"Perms",
                b"Version",
            ]);
        }
        if before.is(b"Type", b"Page") {
            return same_but(&[b"Annots"]) && self.adds_signature_fields(before, after, revision);
        }
        if before.is(b"Type", b"Metadata") {
            return after.is(b"Type", b"Metadata");
        }
        if before.is(b"Type", b"DSS") {
            return same_but(&[b"Certs", b"CRLs", b"OCSPs", b"VRI"]);
        }
        if before.is(b"FT", b"Sig") {
            return same_but(&[b"AP", b"F", b"Lock", b"M", b"V"]);
        }
        same_but(if before.has(b"Fields") { &[b"DA", b"DR", b"Fields", b"SigFlags"] } else { &[] })
            || is_validation_data(old, new, before, after)
    }

    /// Whether what is new on the page are fields of signatures, and all that was on it still is. Of a page that an earlier
    /// revision extended every version is compared, so a field may also stand there already, if it draws nothing.
    fn adds_signature_fields(&self, before: &Dict, after: &Dict, revision: &New<'_>) -> bool {
        let annotations = |dict: &Dict| -> Option<BTreeSet<usize>> {
            if !dict.has(b"Annots") {
                return Some(BTreeSet::new());
            }
            dict.get(b"Annots")?.array()?.iter().map(Node::first_generation).collect()
        };
        let (Some(before), Some(after)) = (annotations(before), annotations(after)) else {
            return false;
        };
        let is_field = |object: &Object| {
            object
                .dict()
                .is_some_and(|field| field.is(b"FT", b"Sig") && field.is(b"Subtype", b"Widget"))
        };
        let draws_nothing = |object: &Object| object.dict().is_some_and(|field| !is_drawn(field));
        let stands_there = |number| {
            self.objects.get(number).is_some_and(|known| {
                !known.is_empty()
                    && known.iter().all(|object| is_field(object) && draws_nothing(object))
            })
        };
        before.is_subset(&after)
            && after.difference(&before).all(|new| match revision.get(new) {
                Some((_, object)) => is_field(object),
                None => stands_there(new),
            })
    }
}

/// Whether a list of what proves signatures for longer only grows; what such lists hold is checked by nobody here and
/// shown by no page (PAdES LT: `Certs`, `CRLs`, `OCSPs`, `VRI` as objects of their own).
fn is_validation_data(old: &Object, new: &Object, before: &Dict, after: &Dict) -> bool {
    let kinds: [&[u8]; 3] = [b"Certs", b"CRLs", b"OCSPs"];
    let is_list = |dict: &Dict| kinds.iter().any(|key| dict.has(key)) && !dict.has(b"Subtype");
    !old.is_stream
        && !new.is_stream
        && is_list(before)
        && is_list(after)
        && before.same_but(after, &[b"Certs", b"CRLs", b"OCSPs", b"VRI"])
}

/// Whether a field has a look of its own, or a place on the page that is not plainly empty.
fn is_drawn(field: &Dict) -> bool {
    if field.has(b"AP") {
        return true;
    }
    // Numbers that are written alike are the same to each reader.
    let same = |one: &Node, other: &Node| matches!(one, Node::Number(_)) && one == other;
    let is_empty = matches!(
        field.get(b"Rect").and_then(Node::array),
        Some([left, bottom, right, top]) if same(left, right) || same(bottom, top)
    );
    field.has(b"Rect") && !is_empty
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &[u8] = include_bytes!("../../tests/samples/sent.pdf");
    const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Contents 4 0 R \
                        /Resources << /Font << /F1 5 0 R >> >>";

    fn last_start(pdf: &[u8]) -> String {
        let text = String::from_utf8_lossy(pdf);
        let (_, after) = text.rsplit_once("startxref").unwrap();
        after.split_whitespace().next().unwrap().to_owned()
    }

    /// A further revision; `trailer` and `table` are what stands there beside the usual.
    fn revision(pdf: &[u8], objects: &[(usize, &str)], trailer: &str, table: &str) -> Vec<u8> {
        let mut new = pdf.to_vec();
        let mut entries = String::from(table);
        for (number, object) in objects {
            entries.extend([format!("{number} 1\n{:010} 00000 n \n", new.len())]);
            new.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
        }
        let (start, previous) = (new.len(), last_start(pdf));
        let root = if trailer.contains("/Root") { "" } else { "/Root 1 0 R" };
        new.extend(
            format!(
                "xref\n{entries}trailer\n<< /Size 20 {root} /Prev {previous} {trailer} >>\nstartxref\n{start}\n%%EOF\n"
            )
            .bytes(),
        );
        new
    }

    fn added(pdf: &[u8]) -> Option<Appearance> {
        let pdf = Pdf::read(pdf).unwrap();
        let objects = Objects::read(&pdf).unwrap();
        only_adds_signatures(&pdf, &objects, SENT.len())
    }

    fn allowed(pdf: &[u8]) -> bool {
        added(pdf).is_some()
    }

    fn one(objects: &[(usize, &str)]) -> bool {
        allowed(&revision(SENT, objects, "", ""))
    }

    #[test]
    fn a_field_for_a_signature_may_be_added() {
        let page = format!("{PAGE} /Annots [8 0 R] >>");
        let catalog = "<< /Pages 2 0 R /Type /Cata#6cog /AcroForm << /Fields [8 0 R] >> >>";
        let field = "<< /FT /Sig /Subtype /Widget /Rect [0 0 0 0] >>";
        assert!(one(&[(1, catalog), (3, &page), (8, field)]));
        let signed = revision(SENT, &[(1, catalog), (3, &page), (8, field)], "/Info 9 0 R", "");
        let page = format!("{PAGE} /Annots [8 0 R 10 0 R] >>");
        assert!(allowed(&revision(&signed, &[(3, &page), (10, field)], "/Info 9 0 R", "")));
        let without_first = format!("{PAGE} /Annots [10 0 R] >>");
        assert!(!allowed(&revision(&signed, &[(3, &without_first), (10, field)], "", "")));
    }

    #[test]
    fn a_signature_that_is_drawn_is_told_from_one_that_is_not() {
        let page = format!("{PAGE} /Annots [8 0 R] >>");
        let with = |entries: &str| {
            let field = format!("<< /FT /Sig /Subtype /Widget {entries} >>");
            (added(&revision(SENT, &[(3, &page), (8, &field)], "", "")), field)
        };
        for invisible in ["", "/Rect [0 0 0 0]", "/Rect [72 760 72.0 800]", "/Rect [0 9 500 9]"] {
            let (appearance, field) = with(invisible);
            assert_eq!(appearance, Some(Appearance::Invisible), "{field}");
        }
        for drawn in [
            "/Rect [72 740 400 800]",
            "/Re#63t [72 740 400 800]",
            "/Rect [0 0 0 0] /AP << /N 9 0 R >>",
            // Not plainly empty: readers may differ.
            "/Rect 9 0 R",
            "/Rect [0 0 0 0] /Rect [72 740 400 800]",
            "/Rect [0 0 0 0 400 800]",
        ] {
            let (appearance, field) = with(drawn);
            assert_eq!(appearance, Some(Appearance::Drawn), "{field}");
        }
        // An invisible one gets its look later, and a further revision changes nothing of that.
        let (_, field) = with("/Rect [0 0 0 0]");
        let signed = revision(SENT, &[(3, &page), (8, &field)], "", "");
        let field = field.replace(" >>", " /AP << /N 9 0 R >> >>");
        let look =
            revision(&signed, &[(8, &field), (9, "<< /Length 0 >>\nstream\n\nendstream")], "", "");
        assert_eq!(added(&look), Some(Appearance::Drawn));
        assert_eq!(added(&revision(&look, &[(10, "null")], "", "")), Some(Appearance::Drawn));
    }

    #[test]
    fn anything_else_on_a_page_may_not() {
        for field in ["<< /FT /Tx /Subtype /Widget >>", "<< /Subtype /FreeText >>", "[]"] {
            let page = format!("{PAGE} /Annots [8 0 R] >>");
            assert!(!one(&[(3, &page), (8, field)]), "{field}");
        }
        for annotations in ["[<< /Subtype /Stamp >>]", "8 0 R", "[5 0 R]"] {
            assert!(!one(&[(3, &format!("{PAGE} /Annots {annotations} >>"))]), "{annotations}");
        }
        assert!(!one(&[(3, &format!("{PAGE} /Rotate 90 >>"))]));
        assert!(!one(&[(1, "<< /Type /Catalog /Pages 2 0 R /OCProperties << >> >>")]));
        assert!(!one(&[(1, "<< /Type /Catalog /Pages 8 0 R >>"), (8, "<< /Type /Pages >>")]));
        assert!(!one(&[(2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>")]));
        assert!(!one(&[(4, "<< /Length 0 >>\nstream\n\nendstream")]));
    }

    #[test]
    fn a_field_of_a_signature_does_nothing_else() {
        let page = format!("{PAGE} /Annots [8 0 R] >>");
        let with = |more: &str| {
            let field = format!("<< /FT /Sig /Subtype /Widget /Rect [0 0 0 0] {more} >>");
            one(&[(3, &page), (8, &field)])
        };
        assert!(with("/T (Firma1) /F 132 /P 3 0 R /V 9 0 R"));
        for more in ["/A << /S /GoTo >>", "/AA << >>", "/PMD << >>", "/Parent 1 0 R", "/Kids []"] {
            assert!(!with(more), "{more}");
        }
    }

    #[test]
    fn an_object_keeps_its_generation() {
        let page = format!("{PAGE} >>");
        let good = revision(SENT, &[(3, &page)], "", "");
        assert!(allowed(&good));
        let (sent, more) = good.split_at(SENT.len());
        let more = str::from_utf8(more).unwrap();
        for (usual, other) in
            [("3 0 obj", "3 1 obj"), (" 00000 n", " 00001 n"), ("/Root 1 0 R", "/Root 1 1 R")]
        {
            assert!(more.contains(usual));
            let changed = [sent, more.replacen(usual, other, 1).as_bytes()].concat();
            assert!(!allowed(&changed), "{other}");
        }
    }

    /// A page that points to nothing could otherwise be filled after it was signed.
    #[test]
    fn a_missing_object_is_not_filled_in() {
        let font = SENT.windows(9).position(|word| word == b"/F1 5 0 R").unwrap() + 4;
        let mut sent = SENT.to_vec();
        sent[font] = b'9';
        let added = |number| {
            let more = revision(&sent, &[(number, "null")], "", "");
            let pdf = Pdf::read(&more).unwrap();
            only_adds_signatures(&pdf, &Objects::read(&pdf).unwrap(), sent.len())
        };
        assert_eq!(added(8), Some(Appearance::Invisible));
        assert_eq!(added(9), None);
    }

    #[test]
    fn tables_may_not_lead_elsewhere() {
        let with = |trailer, table| allowed(&revision(SENT, &[(8, "null")], trailer, table));
        assert!(with("", ""));
        assert!(with("", "0 1\n0000000000 65535 f \n"));
        assert!(!with("/Root 8 0 R", ""));
        assert!(!with("/Prev 0", ""));
        assert!(!with("/XRefStm 0", ""));
        assert!(!with("", "4 1\n0000000000 00001 f \n"));
        assert!(!with("", "4 1\n0000000388 00000 n \n"));
        assert!(!with("", "4 999999999\n0000000388 00000 n \n"));
        let mut other_start = revision(SENT, &[(8, "null")], "", "");
        let at = other_start.len() - 9;
        other_start[at] ^= 1;
        assert!(!allowed(&other_start));
    }

    #[test]
    fn an_object_may_stand_right_behind_the_end_of_the_file() {
        let sent = SENT.strip_suffix(b"\n").unwrap();
        let allowed = |page: &str| {
            let more = revision(sent, &[(3, page)], "", "");
            let pdf = Pdf::read(&more).unwrap();
            let objects = Objects::read(&pdf).unwrap();
            only_adds_signatures(&pdf, &objects, sent.len()).is_some()
        };
        assert!(allowed(&format!("{PAGE} >>")));
        assert!(!allowed(&format!("{PAGE} /Rotate 90 >>")));
    }

    #[test]
    fn a_table_may_point_at_the_end_of_the_line_before_an_object() {
        let place = SENT.len();
        let other = revision(SENT, &[(8, "null")], "", "");
        let mut moved = SENT.to_vec();
        moved.push(b'\n');
        moved.extend_from_slice(&other[place..]);
        let text = String::from_utf8(moved.split_off(place)).unwrap();
        let start: usize = last_start(&other).parse().unwrap();
        let text =
            text.replace(&format!("startxref\n{start}"), &format!("startxref\n{}", start + 1));
        moved.extend(text.bytes());
        assert!(allowed(&moved));
    }

    #[test]
    fn a_page_does_not_become_the_description_to_be_rewritten() {
        let described = revision(SENT, &[(8, "null")], "/Info 3 0 R", "");
        assert!(!allowed(&described));
        assert!(!allowed(&revision(&described, &[(3, "<< /Type /Page >>")], "", "")));
        let described = revision(SENT, &[(8, "<< /Title (a) >>")], "/Info 8 0 R", "");
        assert!(allowed(&revision(&described, &[(8, "<< /Title (b) >>")], "/Info 8 0 R", "")));
        let note = "<< /Subtype /FreeText >>";
        assert!(!allowed(&revision(&described, &[(8, note)], "/Info 8 0 R", "")));
    }
}
