//! Whether what was appended to a PDF is only signatures.
//!
//! A signature covers whatever stands in the file, also a page that was rewritten just before signing.
//! So each revision after the contract must leave every object as it was, except where signatures are entered,
//! and its table must name exactly the objects that are read here.

use std::collections::{BTreeSet, HashMap};

use super::pdf::{Entries, Kind, Part, Pdf, Section, Token, get, has};

/// How the signatures look that were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Appearance {
    /// Nothing is drawn on a page.
    Invisible,
    /// At least one is drawn, which can hide what is below: only an eye can tell.
    Drawn,
}

/// How the signatures look that stand from `end` on, the length of the first document in bytes; None if anything else
/// does.
pub(crate) fn only_adds_signatures(pdf: &Pdf<'_>, end: usize) -> Option<Appearance> {
    let first_new = pdf.sections.partition_point(|section| section.start < end);
    let (first, new) = pdf.sections.split_at_checked(first_new)?;
    let mut document = Document { pdf, objects: HashMap::new(), root: None, info: None, start: 0 };
    for section in first {
        document.take_over(section);
    }
    // Each revision ends with the place of its table.
    new.split_inclusive(|section| section.part == Part::Start)
        .try_fold(Appearance::Invisible, |look, revision| {
            Some(look.max(document.adds_signatures(revision)?))
        })
}

/// The document as the revisions so far make it.
struct Document<'p> {
    pdf: &'p Pdf<'p>,
    objects: HashMap<usize, &'p Section>,
    root: Option<usize>,
    info: Option<usize>,
    /// Where its last table begins.
    start: usize,
}

impl<'p> Document<'p> {
    fn take_over(&mut self, section: &'p Section) {
        match section.part {
            Part::Object(number) => {
                self.objects.insert(number, section);
            }
            Part::Trailer => {
                let Some(entries) = self.pdf.entries(&section.tokens) else { return };
                let point = |key| get(&entries, key).and_then(|value| self.pdf.reference(value));
                self.root = point(b"Root").or(self.root);
                self.info = point(b"Info").or(self.info);
            }
            Part::Start => {
                let start = section.tokens.first().and_then(|start| self.pdf.number(*start));
                self.start = start.unwrap_or(0);
            }
            Part::Table => {}
        }
    }

    /// How the signatures of the revision look; None if it does anything else. Takes it over.
    fn adds_signatures(&mut self, revision: &'p [Section]) -> Option<Appearance> {
        let [objects @ .., table, trailer, start] = revision else { return None };
        let own_start = self.pdf.number(*start.tokens.first()?)?;
        // A table in a stream is not read here: the portal's PDFs have plain ones, and a file keeps to its kind.
        let in_order = (table.part, trailer.part, start.part)
            == (Part::Table, Part::Trailer, Part::Start)
            && objects.iter().all(|section| matches!(section.part, Part::Object(_)))
            && own_start == table.start;
        let entries = self.pdf.entries(&trailer.tokens)?;
        let previous = get(&entries, b"Prev")?;
        // Whatever is the document's description may be rewritten, so nothing else may become it.
        let info = get(&entries, b"Info").and_then(|value| self.pdf.reference(value));
        let described =
            info.is_none_or(|info| self.info == Some(info) || !self.objects.contains_key(&info));
        let follows = matches!(previous, [at] if self.pdf.number(*at) == Some(self.start))
            && self.pdf.reference(get(&entries, b"Root")?) == self.root
            && !has(&entries, b"XRefStm");
        let new: HashMap<usize, &Section> =
            objects.iter().filter_map(|section| Some((number(section)?, section))).collect();
        let allowed = in_order
            && follows
            && described
            && new.len() == objects.len()
            && self.names_exactly(&table.tokens, &new)?
            && new.iter().all(|(number, section)| {
                self.objects
                    .get(number)
                    .is_none_or(|old| self.may_become(*number, old, section, &new))
            });
        let is_drawn = new
            .values()
            .filter_map(|section| self.pdf.entries(&section.tokens))
            .any(|entries| self.is(&entries, b"FT", b"Sig") && self.is_drawn(&entries));
        for section in revision {
            self.take_over(section);
        }
        allowed.then_some(if is_drawn { Appearance::Drawn } else { Appearance::Invisible })
    }

    /// Whether a field has a look of its own, or a place on the page that is not plainly empty.
    fn is_drawn(&self, field: &Entries<'_, '_>) -> bool {
        if has(field, b"AP") {
            return true;
        }
        // Numbers that are written alike are the same to each reader.
        let same = |one: &Token, other: &Token| {
            (one.kind, other.kind) == (Kind::Number, Kind::Number)
                && self.pdf.meaning(*one) == self.pdf.meaning(*other)
        };
        let is_empty = matches!(
            get(field, b"Rect"),
            Some([_, left, bottom, right, top, _]) if same(left, right) || same(bottom, top)
        );
        has(field, b"Rect") && !is_empty
    }

    /// Whether the table names the objects of the revision, all where they stand, and removes none.
    fn names_exactly(&self, table: &[Token], new: &HashMap<usize, &Section>) -> Option<bool> {
        let mut rest = table;
        let mut named = 0;
        while let [first, count, after @ ..] = rest {
            rest = after;
            let first = self.pdf.number(*first)?;
            for index in 0..self.pdf.number(*count)? {
                let (entry, after) = rest.split_first_chunk::<3>()?;
                rest = after;
                let [place, _generation, state] = *entry;
                let number = first.checked_add(index)?;
                match self.pdf.raw(state) {
                    b"n" if self.leads_to(self.pdf.number(place)?, new.get(&number)?) => named += 1,
                    b"f" if !self.objects.contains_key(&number) => {}
                    _ => return Some(false),
                }
            }
        }
        Some(rest.is_empty() && named == new.len())
    }

    /// Whether a reader that begins at `place` finds the object; some programs point at the line's end before it.
    fn leads_to(&self, place: usize, object: &Section) -> bool {
        self.pdf
            .bytes
            .get(place..object.start)
            .is_some_and(|between| between.iter().all(u8::is_ascii_whitespace))
    }

    fn may_become(
        &self,
        number: usize,
        old: &Section,
        new: &Section,
        revision: &HashMap<usize, &Section>,
    ) -> bool {
        let (Some(before), Some(after)) =
            (self.pdf.entries(&old.tokens), self.pdf.entries(&new.tokens))
        else {
            return false;
        };
        let same_but = |keys: &[&[u8]]| {
            old.stream.is_none() && new.stream.is_none() && self.same_but(&before, &after, keys)
        };
        if self.info == Some(number) {
            // Nothing that is drawn goes without one of these.
            return new.stream.is_none() && !has(&after, b"Type") && !has(&after, b"Subtype");
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
        if self.is(&before, b"Type", b"Page") {
            return same_but(&[b"Annots"]) && self.adds_signature_fields(&before, &after, revision);
        }
        if self.is(&before, b"Type", b"Metadata") {
            return self.is(&after, b"Type", b"Metadata");
        }
        if self.is(&before, b"Type", b"DSS") {
            return same_but(&[b"Certs", b"CRLs", b"OCSPs", b"VRI"]);
        }
        if self.is(&before, b"FT", b"Sig") {
            return same_but(&[b"AP", b"F", b"Lock", b"M", b"V"]);
        }
        same_but(if get(&before, b"Fields").is_some() {
            &[b"DA", b"DR", b"Fields", b"SigFlags"]
        } else {
            &[]
        })
    }

    /// Whether what is new on the page are fields of signatures, and all that was on it still is.
    fn adds_signature_fields(
        &self,
        before: &Entries<'_, '_>,
        after: &Entries<'_, '_>,
        revision: &HashMap<usize, &Section>,
    ) -> bool {
        let annotations = |entries| match get(entries, b"Annots") {
            None => Some(BTreeSet::new()),
            Some(value) => self.references(value),
        };
        let (Some(before), Some(after)) = (annotations(before), annotations(after)) else {
            return false;
        };
        before.is_subset(&after)
            && after.difference(&before).all(|new| {
                revision.get(new).and_then(|section| self.pdf.entries(&section.tokens)).is_some_and(
                    |field| {
                        self.is(&field, b"FT", b"Sig") && self.is(&field, b"Subtype", b"Widget")
                    },
                )
            })
    }

    /// An array of nothing but references.
    fn references(&self, value: &[Token]) -> Option<BTreeSet<usize>> {
        let [open, inner @ .., close] = value else { return None };
        if (open.kind, close.kind) != (Kind::ArrayOpen, Kind::ArrayClose) {
            return None;
        }
        inner.chunks(3).map(|value| self.pdf.reference(value)).collect()
    }

    fn is(&self, entries: &Entries<'_, '_>, key: &[u8], name: &[u8]) -> bool {
        matches!(get(entries, key), Some([value]) if self.pdf.name(*value).is_some_and(|own| *own == *name))
    }

    fn same_but(&self, before: &Entries<'_, '_>, after: &Entries<'_, '_>, keys: &[&[u8]]) -> bool {
        let kept = |entries: &Entries<'_, '_>| {
            entries.iter().filter(|(key, _)| !keys.contains(&&**key)).count()
        };
        kept(before) == kept(after)
            && before.iter().filter(|(key, _)| !keys.contains(&&**key)).all(|(key, old)| {
                get(after, key).is_some_and(|new| {
                    old.len() == new.len()
                        && old.iter().zip(new).all(|(old, new)| {
                            old.kind == new.kind && self.pdf.meaning(*old) == self.pdf.meaning(*new)
                        })
                })
            })
    }
}

fn number(section: &Section) -> Option<usize> {
    match section.part {
        Part::Object(number) => Some(number),
        Part::Table | Part::Trailer | Part::Start => None,
    }
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
        only_adds_signatures(&Pdf::read(pdf).unwrap(), SENT.len())
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
            only_adds_signatures(&Pdf::read(&more).unwrap(), sent.len()).is_some()
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
