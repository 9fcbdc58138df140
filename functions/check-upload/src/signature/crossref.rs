//! The cross-reference tables and streams of a PDF: where readers find its objects.
//!
//! The file is read from front to back, and its tables are only held against that: a table that leads into the data of a
//! stream would show readers an object that nobody looked at.

use std::collections::{HashMap, HashSet};

use super::object::{Dict, Node, Object, Objects, unpacked};
use super::pdf::{Part, Pdf, Section};

/// Tables of one file; each revision has one.
const MOST_TABLES: usize = 200;
/// Entries of one table.
const MOST_ENTRIES: usize = 500_000;
/// Bytes of a table in a stream, unpacked.
const MOST_BYTES: usize = 2_000_000;

/// Where a table says that an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is none.
    Free,
    At {
        /// In bytes from the beginning of the file.
        offset: usize,
        generation: usize,
    },
    Packed {
        /// Number of the object stream.
        stream: usize,
        /// Among its objects, from 0.
        position: usize,
    },
}

/// The entries of a table, by number; None if it is written otherwise than the norm says.
pub(crate) fn entries(
    pdf: &Pdf<'_>,
    section: &Section,
    object: &Object,
) -> Option<Vec<(usize, Place)>> {
    match section.part {
        Part::Table => of_table(&object.values),
        Part::Object { .. } => of_stream(pdf, section, object.dict()?),
        Part::Trailer | Part::Start => None,
    }
}

fn of_table(values: &[Node]) -> Option<Vec<(usize, Place)>> {
    let mut found = Vec::new();
    let mut rest = values;
    while let [first, count, after @ ..] = rest {
        let (first, count) = (first.number()?, count.number()?);
        let (lines, after) = after.split_at_checked(count.checked_mul(3)?)?;
        for (index, line) in lines.chunks(3).enumerate() {
            let [place, generation, Node::Word(state)] = line else { return None };
            let (offset, generation) = (place.number()?, generation.number()?);
            let place = match state.as_slice() {
                // Some programs write unused numbers so.
                b"n" if offset == 0 => Place::Free,
                b"n" => Place::At { offset, generation },
                b"f" => Place::Free,
                _ => return None,
            };
            found.push((first.checked_add(index)?, place));
        }
        rest = after;
    }
    rest.is_empty().then_some(found)
}

fn of_stream(pdf: &Pdf<'_>, section: &Section, dict: &Dict) -> Option<Vec<(usize, Place)>> {
    if !dict.is(b"Type", b"XRef") {
        return None;
    }
    let widths: Vec<usize> =
        dict.get(b"W")?.array()?.iter().map(Node::number).collect::<Option<_>>()?;
    let [kind_width, second_width, third_width] = *widths else { return None };
    let width = kind_width.checked_add(second_width)?.checked_add(third_width)?;
    if width == 0 || widths.iter().any(|width| *width > 8) {
        return None;
    }
    let data = unpacked(pdf, section, dict, MOST_BYTES)?;
    let ranges: Vec<usize> = if dict.has(b"Index") {
        dict.get(b"Index")?.array()?.iter().map(Node::number).collect::<Option<_>>()?
    } else {
        vec![0, dict.get(b"Size")?.number()?]
    };
    let mut lines = data.chunks_exact(width);
    let mut found = Vec::new();
    for range in ranges.chunks(2) {
        let [first, count] = *range else { return None };
        for index in 0..count {
            let (kind, fields) = lines.next()?.split_at_checked(kind_width)?;
            let (second, third) = fields.split_at_checked(second_width)?;
            let kind = if kind.is_empty() { 1 } else { whole(kind)? };
            let place = match kind {
                0 => Place::Free,
                1 => Place::At { offset: whole(second)?, generation: whole(third)? },
                2 => Place::Packed { stream: whole(second)?, position: whole(third)? },
                _ => return None,
            };
            found.push((first.checked_add(index)?, place));
            if found.len() > MOST_ENTRIES {
                return None;
            }
        }
    }
    Some(found)
}

fn whole(digits: &[u8]) -> Option<usize> {
    digits
        .iter()
        .try_fold(0_usize, |whole, digit| whole.checked_mul(256)?.checked_add(usize::from(*digit)))
}

/// Whether each table leads each reader to objects that were read here, and nowhere else.
pub(crate) fn leads_only_to_objects(pdf: &Pdf<'_>, objects: &Objects) -> bool {
    chain(pdf, objects).is_some()
}

fn chain(pdf: &Pdf<'_>, objects: &Objects) -> Option<()> {
    // Readers look for the last mark from the end; it must not stand in a comment or a text.
    let (last, _) =
        pdf.sections.iter().zip(&objects.parts).rev().find(|(part, _)| part.part == Part::Start)?;
    let mark = b"startxref";
    if pdf.bytes.windows(mark.len()).rposition(|window| window == mark)? != last.start {
        return None;
    }
    let mut open = vec![pdf.number(*last.tokens.first()?)?];
    let mut seen = HashSet::new();
    let mut places: HashMap<usize, Place> = HashMap::new();
    while let Some(at) = open.pop() {
        if !seen.insert(at) || seen.len() > MOST_TABLES {
            return None;
        }
        let index = pdf.section_at(at)?;
        let (section, object) = (pdf.sections.get(index)?, objects.parts.get(index)?);
        for (number, place) in entries(pdf, section, object)? {
            places.entry(number).or_insert(place);
        }
        let trailer = match section.part {
            Part::Table => {
                let next = index.checked_add(1)?;
                (pdf.sections.get(next)?.part == Part::Trailer)
                    .then_some(objects.parts.get(next)?)?
            }
            _ => object,
        };
        let dict = trailer.dict()?;
        for key in [&b"Prev"[..], b"XRefStm"] {
            if dict.has(key) {
                open.push(dict.get(key)?.number()?);
            }
        }
    }
    let packed: HashSet<_> = objects
        .packed
        .iter()
        .filter_map(|object| Some((object.packed_in?.section, object.number?)))
        .collect();
    let leads = |number: usize, place: Place| match place {
        Place::Free => true,
        Place::At { offset, generation } => {
            let section = pdf.section_at(offset).and_then(|index| pdf.sections.get(index));
            section.is_some_and(|section| section.part == Part::Object { number, generation })
        }
        Place::Packed { stream, .. } => {
            let Some(Place::At { offset, .. }) = places.get(&stream) else { return false };
            pdf.section_at(*offset).is_some_and(|section| packed.contains(&(section, number)))
        }
    };
    places.iter().all(|(number, place)| leads(*number, *place)).then_some(())
}
