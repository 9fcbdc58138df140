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
    let mut document = Document {
        pdf,
        objects: HashMap::new(),
        awaited: HashSet::new(),
        lists: HashSet::new(),
        elsewhere: HashSet::new(),
        root: None,
        info: None,
        start: 0,
    };
    let old_packed = packed_within(objects, 0, first_new);
    for object in old_packed {
        document.enter(object);
    }
    let old = objects.parts.get(..first_new)?;
    for (index, object) in old.iter().enumerate() {
        document.take_over(index, object);
    }
    for object in old.iter().chain(old_packed) {
        document.note_references(object);
    }
    document.awaited = document.lists.union(&document.elsewhere).copied().collect();

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

/// The objects that are packed in sections from one index up to another.
fn packed_within(objects: &Objects, from: usize, to: usize) -> &[Object] {
    let before = |index: usize| {
        objects
            .packed
            .partition_point(|object| object.packed_in.is_some_and(|place| place.section < index))
    };
    objects.packed.get(before(from)..before(to)).unwrap_or_default()
}

/// The document as the revisions so far make it.
struct Document<'p> {
    pdf: &'p Pdf<'p>,
    /// By number: the last one, and where some are packed each that may count.
    objects: HashMap<usize, Vec<&'p Object>>,
    /// Numbers that the first document points to: a missing one of them must not be filled in.
    awaited: HashSet<usize>,
    /// Numbers that a page names as the list of its annotations, and those that stand in any other place, of all revisions so
    /// far: what is only the former may grow.
    lists: HashSet<usize>,
    elsewhere: HashSet<usize>,
    root: Option<usize>,
    info: Option<usize>,
    /// Where its last table begins.
    start: usize,
}

/// What a revision brings, by number.
type New<'p> = HashMap<usize, (Stands, &'p Object)>;

/// Where a revision has an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// On the top level of the file, as an index of sections.
    Section(usize),
    Packed {
        /// Number of the object stream.
        stream: usize,
        /// Among its objects, from 0.
        position: usize,
    },
}

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
        let packed = packed_within(objects, from, from + count);
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
        let new = brought(objects, from, own, packed);
        for object in own.iter().chain(packed) {
            self.note_references(object);
        }
        let entries = crossref::entries(self.pdf, sections.get(table)?, parts.get(table)?)?;
        let allowed = in_order
            && follows
            && described
            && is_packed_plainly(objects, from, own)
            && new.len() == own.len() + packed.len()
            && self.names_exactly(&entries, &new, from + table)
            && new.iter().all(|(number, (_, object))| match self.objects.get(number) {
                None => !self.awaited.contains(number),
                Some(old) => old.iter().all(|old| self.may_become(*number, old, object, &new)),
            });
        let fields = || {
            let dicts = own.iter().chain(packed).filter_map(Object::dict);
            dicts.filter(|dict| dict.is(b"FT", b"Sig"))
        };
        let is_drawn = fields().any(is_drawn);
        let is_plain =
            fields().all(|field| field.entries().all(|(key, _)| FIELD_KEYS.contains(&key)));
        // Its table leads there and nowhere else, so that what stood under these numbers counts no more.
        for number in new.keys() {
            self.objects.remove(number);
        }
        for object in own.iter().chain(packed) {
            self.enter(object);
        }
        // Only its table describes the document, whatever else of it looks like one.
        self.info = info.or(self.info);
        self.start = sections.get(table)?.start;
        (allowed && is_plain).then_some(if is_drawn {
            Appearance::Drawn
        } else {
            Appearance::Invisible
        })
    }

    /// Notes what an object points to: lists of annotations apart from all else.
    fn note_references(&mut self, object: &Object) {
        for value in &object.values {
            let page = value.dict().filter(|dict| dict.is(b"Type", b"Page"));
            let list = page.and_then(|page| page.get(b"Annots")?.first_generation());
            let mut others = value.points_to();
            if let Some(list) = list {
                self.lists.insert(list);
                // Named once more, it stands elsewhere, too.
                if let Some(at) = others.iter().position(|other| *other == list) {
                    others.swap_remove(at);
                }
            }
            self.elsewhere.extend(others);
        }
    }

    /// Whether the table names the objects of the revision, all where they stand, and removes none. A table in a stream
    /// may leave itself out.
    fn names_exactly(&self, entries: &[(usize, Place)], new: &New<'_>, table: usize) -> bool {
        let mut named = HashSet::new();
        let stands = |number, place| new.get(&number).is_some_and(|(stands, _)| *stands == place);
        let exact = entries.iter().all(|(number, place)| match *place {
            Place::At { offset, generation: 0 } => {
                let index = self.pdf.section_at(offset);
                index.is_some_and(|index| stands(*number, Stands::Section(index)))
                    && named.insert(*number)
            }
            // By its position, too: some readers go by that, and not by the number.
            Place::Packed { stream, position } => {
                stands(*number, Stands::Packed { stream, position }) && named.insert(*number)
            }
            Place::Free => !self.objects.contains_key(number) && !new.contains_key(number),
            Place::At { .. } => false,
        });
        let may_leave_out = |stands: Stands| stands == Stands::Section(table);
        exact
            && new
                .iter()
                .all(|(number, (stands, _))| may_leave_out(*stands) || named.contains(number))
    }

    fn may_become(&self, number: usize, old: &Object, new: &Object, revision: &New<'_>) -> bool {
        // Of a stream the word that ends it is read, too.
        let is_one_value =
            |object: &Object| object.values.len() == 1 + usize::from(object.is_stream);
        if !is_one_value(old) || !is_one_value(new) {
            return false;
        }
        if let (Some(before), Some(after)) = (list(old), list(new)) {
            let shows = self.lists.contains(&number) && !self.elsewhere.contains(&number);
            return before == after || (shows && self.adds_fields(before, after, revision));
        }
        let (Some(before), Some(after)) = (old.dict(), new.dict()) else { return false };
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

    /// Whether what is new on the page are fields of signatures, and all that was on it still is.
    fn adds_signature_fields(&self, before: &Dict, after: &Dict, revision: &New<'_>) -> bool {
        let stood = |number: &usize| match self.objects.get(number)?.as_slice() {
            [one] => list(one),
            _ => None,
        };
        let stands = |number: &usize| match revision.get(number) {
            Some((_, object)) => list(object),
            None => stood(number),
        };
        let (Some(before), Some(after)) =
            (annotations(before, &stood), annotations(after, &stands))
        else {
            return false;
        };
        self.adds_fields(before, after, revision)
    }

    /// Whether what is new in a page's list of annotations are fields of signatures, and all that was in it still is. Of a
    /// page that an earlier revision extended every version is compared, so a field may also stand there already, if it
    /// draws nothing.
    fn adds_fields(&self, before: &[Node], after: &[Node], revision: &New<'_>) -> bool {
        let numbers = |list: &[Node]| -> Option<BTreeSet<usize>> {
            list.iter().map(Node::first_generation).collect()
        };
        let (Some(before), Some(after)) = (numbers(before), numbers(after)) else { return false };
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

/// What a revision has on the top level of the file and in its object streams, by number.
fn brought<'p>(
    objects: &'p Objects,
    from: usize,
    own: &'p [Object],
    packed: &'p [Object],
) -> New<'p> {
    let top = own.iter().enumerate().filter_map(|(index, object)| {
        Some((object.number?, (Stands::Section(from + index), object)))
    });
    let packed = packed.iter().filter_map(|object| {
        let place = object.packed_in?;
        let stream = objects.parts.get(place.section)?.number?;
        Some((object.number?, (Stands::Packed { stream, position: place.position }, object)))
    });
    top.chain(packed).collect()
}

/// Whether all readers find the same objects in a revision's object streams: as many as each stream says, none that another
/// stream goes on with, and no signature, which nobody could verify there.
fn is_packed_plainly(objects: &Objects, from: usize, own: &[Object]) -> bool {
    let mut streams = own.iter().enumerate().filter(|(_, object)| object.is_object_stream());
    streams.all(|(index, stream)| {
        let inside = packed_within(objects, from + index, from + index + 1);
        let mut dicts = inside.iter().flat_map(|object| &object.values).flat_map(Node::dicts);
        dicts.all(|dict| !dict.has(b"ByteRange"))
            && stream.dict().is_some_and(|dict| {
                dict.is(b"Type", b"ObjStm")
                    && !dict.has(b"Extends")
                    && dict.get(b"N").and_then(Node::number) == Some(inside.len())
            })
    })
}

/// The array that an object is.
fn list(object: &Object) -> Option<&[Node]> {
    object.value().filter(|_| !object.is_stream)?.array()
}

/// The annotations of a page, whether they stand in it or in an object of their own.
fn annotations<'n>(
    page: &'n Dict,
    object: &impl Fn(&usize) -> Option<&'n [Node]>,
) -> Option<&'n [Node]> {
    if !page.has(b"Annots") {
        return Some(&[]);
    }
    let value = page.get(b"Annots")?;
    match value.first_generation() {
        Some(number) => object(&number),
        None => value.array(),
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

    /// A field that an earlier revision entered without showing it may come onto the page later, unless it then covers what
    /// stands there.
    #[test]
    fn a_field_that_stood_there_comes_onto_the_page_only_if_it_draws_nothing() {
        let catalog = "<< /Pages 2 0 R /Type /Cata#6cog /AcroForm << /Fields [8 0 R] >> >>";
        let page = format!("{PAGE} /Annots [8 0 R] >>");
        let put_onto_page = |entries: &str| {
            let field = format!("<< /FT /Sig /Subtype /Widget {entries} >>");
            let entered = revision(SENT, &[(1, catalog), (8, &field)], "", "");
            assert!(allowed(&entered), "{field}");
            allowed(&revision(&entered, &[(3, &page)], "", ""))
        };
        assert!(put_onto_page("/Rect [0 0 0 0]"));
        for drawn in ["/Rect [72 740 400 800]", "/Rect [0 0 0 0] /AP << /N 9 0 R >>"] {
            assert!(!put_onto_page(drawn), "{drawn}");
        }
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
        for annotations in ["[<< /Subtype /Stamp >>]", "8 0 R", "[5 0 R]", "8 1 R"] {
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

    /// A revision as programs write it that pack objects: how it says where they are can be twisted.
    struct Packing<'t> {
        objects: &'t [(usize, &'t str)],
        /// Entries of the stream's dictionary beside the usual.
        dict: &'t str,
        /// How many objects the stream claims.
        count: usize,
        /// Number, kind, stream or place, position or generation.
        entries: Vec<[usize; 4]>,
    }

    /// The number of the stream in which [`packed`] packs.
    const STREAM: usize = 30;

    fn packed(
        pdf: &[u8],
        objects: &[(usize, &str)],
        twist: impl FnOnce(&mut Packing<'_>),
    ) -> Vec<u8> {
        let entries = objects.iter().enumerate();
        let entries = entries.map(|(index, (number, _))| [*number, 2, STREAM, index]).collect();
        let mut packing = Packing { objects, dict: "/Type /ObjStm", count: objects.len(), entries };
        packing.entries.push([STREAM, 1, pdf.len(), 0]);
        twist(&mut packing);
        let (mut head, mut text) = (String::new(), String::new());
        for (number, object) in packing.objects {
            head.extend([format!("{number} {} ", text.len())]);
            text.extend([object, "\n"]);
        }
        let (first, length) = (head.len(), head.len() + text.len());
        let mut new = pdf.to_vec();
        new.extend(
            format!(
                "{STREAM} 0 obj\n<< {} /N {} /First {first} /Length {length} >>\nstream\n{head}{text}\nendstream\nendobj\n",
                packing.dict, packing.count
            )
            .bytes(),
        );
        let (start, previous) = (new.len(), last_start(pdf));
        let (mut index, mut lines) = (String::new(), Vec::new());
        for [number, kind, second, third] in packing.entries {
            index.extend([format!("{number} 1 ")]);
            lines.push(u8::try_from(kind).unwrap());
            lines.extend(u32::try_from(second).unwrap().to_be_bytes());
            lines.extend(u16::try_from(third).unwrap().to_be_bytes());
        }
        let length = lines.len();
        new.extend(
            format!(
                "31 0 obj\n<< /Type /XRef /W [1 4 2] /Index [{index}] /Size 40 /Root 1 0 R /Prev {previous} /Length {length} >>\nstream\n"
            )
            .bytes(),
        );
        new.extend(lines);
        new.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
        new
    }

    const FIELD: &str = "<< /FT /Sig /Subtype /Widget /Rect [0 0 0 0] >>";

    #[test]
    fn what_is_added_may_be_packed() {
        let page = format!("{PAGE} /Annots [8 0 R] >>");
        let signed = packed(SENT, &[(3, &page), (8, FIELD)], |_| ());
        assert_eq!(added(&signed), Some(Appearance::Invisible));
        // What was packed counts for the next revision, packed or not.
        let more = format!("{PAGE} /Annots [8 0 R 10 0 R] >>");
        assert!(allowed(&revision(&signed, &[(3, &more), (10, FIELD)], "", "")));
        assert!(!allowed(&revision(&signed, &[(3, &format!("{PAGE} >>"))], "", "")));
        let drawn = FIELD.replace("[0 0 0 0]", "[72 740 400 800]");
        assert_eq!(
            added(&packed(SENT, &[(3, &page), (8, &drawn)], |_| ())),
            Some(Appearance::Drawn)
        );
    }

    #[test]
    fn packing_lets_nothing_through_that_is_not_allowed_outside() {
        for (number, object) in [
            (3, format!("{PAGE} /Rotate 90 >>")),
            (3, format!("{PAGE} /Annots [8 0 R] >>").replace("/Contents 4", "/Contents 9")),
            (1, "<< /Type /Catalog /Pages 8 0 R >>".to_owned()),
            (2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>".to_owned()),
            (4, "<< /Length 0 >>".to_owned()),
        ] {
            assert!(!allowed(&packed(SENT, &[(number, &object), (8, FIELD)], |_| ())), "{object}");
        }
        let acts = FIELD.replace(" >>", " /A << /S /GoTo >> >>");
        assert!(!allowed(&packed(SENT, &[(8, &acts)], |_| ())));
        // A signature that nobody verifies where it stands.
        let signature = "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>";
        assert!(!allowed(&packed(SENT, &[(8, signature)], |_| ())));
    }

    /// Readers find a packed object by its number, by its position, or by the count of the stream: all must lead to the same.
    #[test]
    fn a_packed_object_is_where_each_reader_looks() {
        type Twist = fn(&mut Packing<'_>);
        let page = format!("{PAGE} /Annots [8 0 R] >>");
        let good: [(usize, &str); 2] = [(3, &page), (8, FIELD)];
        let twists: [(&str, Twist); 9] = [
            ("positions changed about", |packing| {
                packing.entries[0][3] = 1;
                packing.entries[1][3] = 0;
            }),
            ("one that the table does not name", |packing| {
                packing.entries.remove(1);
            }),
            ("fewer than there are", |packing| packing.count = 1),
            ("more than there are", |packing| packing.count = 3),
            ("goes on in another stream", |packing| packing.dict = "/Type /ObjStm /Extends 4 0 R"),
            ("does not say that it is one", |packing| packing.dict = ""),
            ("of another stream", |packing| packing.entries[0][2] = 31),
            ("twice", |packing| packing.objects = &[(8, "null"), (8, "[]")]),
            ("named on the top level", |packing| {
                packing.entries[1] = [8, 1, packing.entries[2][2], 0];
            }),
        ];
        assert!(allowed(&packed(SENT, &good, |_| ())));
        for (what, twist) in twists {
            assert!(!allowed(&packed(SENT, &good, twist)), "{what}");
        }
        // A plain table names no packed object.
        let plain = format!(
            "<< /Type /ObjStm /N 1 /First 4 /Length {} >>\nstream\n8 0 {FIELD}\nendstream",
            FIELD.len() + 4
        );
        assert!(!one(&[(STREAM, &plain)]));
    }

    /// Only the table of a revision describes the document.
    #[test]
    fn another_root_does_not_come_in_by_what_looks_like_a_table() {
        let catalog = "<< /Type /Catalog /Pages 9 0 R >>";
        let table = "<< /Type /XRef /W [1 4 2] /Index [] /Size 9 /Root 8 0 R /Length 0 >>\nstream\n\nendstream";
        let first = revision(SENT, &[(8, catalog), (10, table)], "", "");
        assert!(!allowed(&revision(&first, &[(11, "null")], "/Root 8 0 R", "")));
    }

    /// A contract whose page has its annotations in an object of their own, as many programs write them.
    fn with_list(list: &str, more: &str) -> Vec<u8> {
        let page = format!("{PAGE} /Annots 6 0 R >>");
        revision(SENT, &[(3, &page), (6, list), (7, "<< /Subtype /Link >>"), (9, more)], "", "")
    }

    fn allowed_after(sent: &[u8], objects: &[(usize, &str)]) -> bool {
        let more = revision(sent, objects, "", "");
        let pdf = Pdf::read(&more).unwrap();
        only_adds_signatures(&pdf, &Objects::read(&pdf).unwrap(), sent.len()).is_some()
    }

    #[test]
    fn a_field_may_come_into_a_list_of_annotations_of_its_own() {
        let sent = with_list("[7 0 R]", "null");
        assert!(allowed_after(&sent, &[(6, "[7 0 R 8 0 R]"), (8, FIELD)]));
        for (list, field) in [
            ("[8 0 R]", FIELD),
            ("[7 0 R 8 0 R 2 0 R]", FIELD),
            ("[7 0 R << /Subtype /Stamp >>]", FIELD),
            ("[7 0 R 8 0 R]", "<< /Subtype /FreeText >>"),
            ("<< >>", FIELD),
        ] {
            assert!(!allowed_after(&sent, &[(6, list), (8, field)]), "{list} {field}");
        }
        // The page may name another list, and another page must not share it.
        let page = |list: &str| format!("{PAGE} /Annots {list} >>");
        for list in ["10 0 R", "[7 0 R 8 0 R]"] {
            let objects =
                [(3, page(list)), (8, FIELD.to_owned()), (10, "[7 0 R 8 0 R]".to_owned())];
            let objects = objects.each_ref().map(|(number, object)| (*number, object.as_str()));
            assert!(allowed_after(&sent, &objects), "{list}");
        }
        assert!(!allowed_after(&sent, &[(3, &page("10 0 R")), (10, "[8 0 R]"), (8, FIELD)]));
        assert!(!allowed_after(&sent, &[(3, &page("11 0 R")), (8, FIELD)]));
    }

    /// What else a list is used for would change with it.
    #[test]
    fn a_list_that_stands_elsewhere_too_does_not_grow() {
        for other in
            ["[6 0 R]", "<< /Type /Pages /Kids 6 0 R >>", "<< /Type /Page /Contents 6 0 R >>"]
        {
            let sent = with_list("[7 0 R]", other);
            assert!(!allowed_after(&sent, &[(6, "[7 0 R 8 0 R]"), (8, FIELD)]), "{other}");
            assert!(allowed_after(&sent, &[(6, "[7 0 R]")]), "unchanged");
        }
    }
}
