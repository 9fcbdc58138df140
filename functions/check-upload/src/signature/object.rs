//! The objects of a PDF as values, those in object streams, too.

use std::cell::Cell;
use std::collections::HashMap;

use super::pdf::{Kind, Part, Pdf, Section, Token};
use super::refusal::Refusal;

/// Values inside values; a contract needs about ten.
const DEEPEST: u8 = 60;
/// Bytes that packed objects of a file may have unpacked, together.
const MOST_UNPACKED: usize = 32_000_000;
/// Bytes of all packed objects that are read: their places may lead to the same text again and again.
const MOST_READ: usize = 2 * MOST_UNPACKED;
/// Objects that references lead to, counted each time: a list of all pages may stand on each of them.
const MOST_STEPS: usize = 5_000_000;
/// References to references that are followed; the norm allows none.
const MOST_HOPS: u8 = 4;

/// A value, as it is meant and however it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Name(Vec<u8>),
    Number(Vec<u8>),
    /// In parentheses.
    Text(Vec<u8>),
    /// In angle brackets.
    Hex(Vec<u8>),
    Word(Vec<u8>),
    Array(Vec<Node>),
    Dict(Dict),
    Reference {
        number: usize,
        generation: usize,
    },
}

/// The entries of a dictionary in their order. Keys may occur twice, and readers differ in which one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dict(Vec<(Vec<u8>, Node)>);

impl Dict {
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&[u8], &Node)> {
        self.0.iter().map(|(key, value)| (key.as_slice(), value))
    }

    /// The value of an entry; none if the key occurs twice.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Node> {
        let mut values = self.all(key);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The values of the key, however often it occurs.
    pub(crate) fn all(&self, key: &[u8]) -> impl Iterator<Item = &Node> {
        self.0.iter().filter(move |(own, _)| own == key).map(|(_, value)| value)
    }

    pub(crate) fn has(&self, key: &[u8]) -> bool {
        self.all(key).next().is_some()
    }

    /// Whether the entry is this name.
    pub(crate) fn is(&self, key: &[u8], name: &[u8]) -> bool {
        matches!(self.get(key), Some(Node::Name(own)) if own == name)
    }

    /// Whether both have the same entries, in any order, but for these keys.
    pub(crate) fn same_but(&self, other: &Self, keys: &[&[u8]]) -> bool {
        let kept = |dict: &Self| dict.entries().filter(|(key, _)| !keys.contains(key)).count();
        kept(self) == kept(other)
            && self
                .entries()
                .filter(|(key, _)| !keys.contains(key))
                .all(|(key, value)| self.get(key).is_some() && other.get(key) == Some(value))
    }
}

impl Node {
    pub(crate) fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    pub(crate) fn array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&self) -> Option<usize> {
        match self {
            Self::Number(digits) => str::from_utf8(digits).ok()?.parse().ok(),
            _ => None,
        }
    }

    /// The number of the object that it points to, if that is of the first generation.
    pub(crate) fn first_generation(&self) -> Option<usize> {
        match self {
            Self::Reference { number, generation: 0 } => Some(*number),
            _ => None,
        }
    }

    /// The dictionaries inside, this one included.
    pub(crate) fn dicts(&self) -> Vec<&Dict> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match node {
                Self::Dict(dict) => {
                    found.push(dict);
                    open.extend(dict.0.iter().map(|(_, value)| value));
                }
                Self::Array(values) => open.extend(values),
                Self::Name(_)
                | Self::Number(_)
                | Self::Text(_)
                | Self::Hex(_)
                | Self::Word(_)
                | Self::Reference { .. } => {}
            }
        }
        found
    }

    /// The numbers of all objects that it points to, of whichever generation.
    pub(crate) fn points_to(&self) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match node {
                Self::Dict(dict) => open.extend(dict.0.iter().map(|(_, value)| value)),
                Self::Array(values) => open.extend(values),
                Self::Reference { number, .. } => found.push(*number),
                Self::Name(_) | Self::Number(_) | Self::Text(_) | Self::Hex(_) | Self::Word(_) => {}
            }
        }
        found
    }
}

/// A numbered object, or a part of the file that has none.
#[derive(Debug)]
pub(crate) struct Object {
    /// None of trailers and of what stands between objects.
    pub(crate) number: Option<usize>,
    /// The first is the object; what stands behind it is read by nobody, and looked at all the same.
    pub(crate) values: Vec<Node>,
    pub(crate) is_stream: bool,
    /// Where it is packed; none on the top level of the file.
    pub(crate) packed_in: Option<PackedIn>,
}

/// A place in an object stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackedIn {
    /// The stream, as an index of sections.
    pub(crate) section: usize,
    /// Among its objects, from 0.
    pub(crate) position: usize,
}

impl Object {
    pub(crate) fn value(&self) -> Option<&Node> {
        self.values.first()
    }

    pub(crate) fn dict(&self) -> Option<&Dict> {
        self.value()?.dict()
    }

    /// Whether readers find objects in it.
    pub(crate) fn is_object_stream(&self) -> bool {
        self.is_stream && self.dict().is_some_and(is_object_stream)
    }
}

/// All objects of a file, of all its revisions.
#[derive(Debug)]
pub(crate) struct Objects {
    /// Those on the top level of the file: the object at an index is the section at the same.
    pub(crate) parts: Vec<Object>,
    /// Those in object streams, in the order of the file.
    pub(crate) packed: Vec<Object>,
    /// What stands outside of all parts.
    pub(crate) loose: Vec<Node>,
    /// By number, of all revisions and generations: as indices of [`Self::get`].
    by_number: HashMap<usize, Vec<usize>>,
    /// How many steps are left of [`MOST_STEPS`].
    steps: Cell<usize>,
}

impl Objects {
    /// Reads each object once, and those in object streams at each place where readers would look.
    pub(crate) fn read(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let unreadable = Refusal::PdfUnreadable;
        let mut parts = Vec::new();
        for section in &pdf.sections {
            parts.push(Object {
                number: match section.part {
                    Part::Object { number, .. } => Some(number),
                    Part::Table | Part::Trailer | Part::Start => None,
                },
                values: values(pdf, &section.tokens).ok_or(unreadable)?,
                is_stream: section.stream.is_some(),
                packed_in: None,
            });
        }
        let mut packed = Vec::new();
        let (mut bytes, mut text) = (MOST_UNPACKED, MOST_READ);
        for (index, (section, part)) in pdf.sections.iter().zip(&parts).enumerate() {
            let Some(dict) = part.dict().filter(|_| part.is_object_stream()) else { continue };
            let data = unpacked(pdf, section, dict, bytes).ok_or(unreadable)?;
            bytes = bytes.saturating_sub(data.len());
            let inner = objects_in(&data, dict, index, &mut text).ok_or(unreadable)?;
            packed.extend(inner);
        }
        let loose = values(pdf, &pdf.loose).ok_or(unreadable)?;
        let mut by_number: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, object) in parts.iter().chain(&packed).enumerate() {
            if let Some(number) = object.number {
                by_number.entry(number).or_default().push(index);
            }
        }
        Ok(Self { parts, packed, loose, by_number, steps: Cell::new(MOST_STEPS) })
    }

    fn get(&self, index: usize) -> Option<&Object> {
        match index.checked_sub(self.parts.len()) {
            None => self.parts.get(index),
            Some(index) => self.packed.get(index),
        }
    }

    /// What the value is; of a reference, everything that any reader could find under that number.
    pub(crate) fn resolve<'n>(&'n self, value: &'n Node) -> Vec<&'n Node> {
        self.resolve_within(value, MOST_HOPS)
    }

    fn resolve_within<'n>(&'n self, value: &'n Node, hops: u8) -> Vec<&'n Node> {
        if self.is_exhausted() {
            return Vec::new();
        }
        self.steps.set(self.steps.get() - 1);
        let Node::Reference { number, .. } = value else { return vec![value] };
        let Some(hops) = hops.checked_sub(1) else { return Vec::new() };
        let found = self.by_number.get(number).into_iter().flatten();
        found
            .filter_map(|index| self.get(*index)?.value())
            .flat_map(|value| self.resolve_within(value, hops))
            .collect()
    }

    /// Whether references led to so many objects that no more were followed: what is behind them was not looked at.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    /// Each dictionary of the file, and whether it is that of a stream.
    pub(crate) fn dicts(&self) -> impl Iterator<Item = (&Dict, bool)> {
        let objects = self.parts.iter().chain(&self.packed).flat_map(|object| {
            let own = object.dict().filter(|_| object.is_stream);
            object
                .values
                .iter()
                .flat_map(Node::dicts)
                .map(move |dict| (dict, own.is_some_and(|own| std::ptr::eq(own, dict))))
        });
        objects.chain(self.loose.iter().flat_map(Node::dicts).map(|dict| (dict, false)))
    }
}

/// Whether readers find objects in such a stream.
fn is_object_stream(dict: &Dict) -> bool {
    dict.has(b"First") || dict.is(b"Type", b"ObjStm")
}

/// The data of a stream, if it is packed in the one way that object and cross-reference streams are, and not longer than
/// `most` bytes.
pub(crate) fn unpacked(
    pdf: &Pdf<'_>,
    section: &Section,
    dict: &Dict,
    most: usize,
) -> Option<Vec<u8>> {
    let packed = pdf.bytes.get(section.stream.clone()?)?;
    let only = |key: &[u8]| match (dict.has(key), dict.get(key)) {
        (false, _) => Some(None),
        (true, Some(Node::Array(values))) => match values.as_slice() {
            [] => Some(None),
            [value] => Some(Some(value)),
            _ => None,
        },
        (true, Some(value)) => Some(Some(value)),
        (true, None) => None,
    };
    let plain = match only(b"Filter")? {
        None => {
            return (!dict.has(b"DecodeParms") && packed.len() <= most).then(|| packed.to_vec());
        }
        Some(Node::Name(name)) if matches!(name.as_slice(), b"FlateDecode" | b"Fl") => {
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, most).ok()?
        }
        Some(_) => return None,
    };
    match only(b"DecodeParms")? {
        None => Some(plain),
        Some(Node::Word(word)) if word == b"null" => Some(plain),
        Some(Node::Dict(parameters)) => unpredicted(plain, parameters),
        Some(_) => None,
    }
}

/// Undoes the predictors of PNG (ISO 32000-1, 7.4.4.4).
fn unpredicted(data: Vec<u8>, parameters: &Dict) -> Option<Vec<u8>> {
    let number = |key: &[u8], usual| {
        if parameters.has(key) { parameters.get(key)?.number() } else { Some(usual) }
    };
    match number(b"Predictor", 1)? {
        1 => return Some(data),
        10..=15 => {}
        _ => return None,
    }
    let bits = number(b"Colors", 1)?.checked_mul(number(b"BitsPerComponent", 8)?)?;
    let width = bits.checked_mul(number(b"Columns", 1)?)?.div_ceil(8);
    let step = bits.div_ceil(8);
    let mut all = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; width.min(data.len())];
    if width == 0 || step == 0 {
        return None;
    }
    for row in data.chunks(width.checked_add(1)?) {
        let (kind, row) = row.split_first()?;
        let mut own: Vec<u8> = Vec::with_capacity(row.len());
        for (index, byte) in row.iter().enumerate() {
            let left = index.checked_sub(step).and_then(|at| own.get(at)).copied().unwrap_or(0);
            let up = above.get(index).copied().unwrap_or(0);
            let corner = index.checked_sub(step).and_then(|at| above.get(at)).copied().unwrap_or(0);
            let predicted = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => return None,
            };
            own.push(byte.wrapping_add(predicted));
        }
        all.extend_from_slice(&own);
        above = own;
    }
    Some(all)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let away = |byte: u8| (guess - i16::from(byte)).abs();
    if away(left) <= away(up) && away(left) <= away(corner) {
        left
    } else if away(up) <= away(corner) {
        up
    } else {
        corner
    }
}

/// The objects of an object stream, each where its head says that it begins.
fn objects_in(data: &[u8], dict: &Dict, index: usize, left: &mut usize) -> Option<Vec<Object>> {
    let first = dict.get(b"First")?.number()?;
    // As many as there are places, whatever count the stream claims.
    let head = Pdf::take_apart(data.get(..first)?)?.loose;
    let text = Pdf::bare(data);
    let mut objects = Vec::new();
    for (position, pair) in head.chunks(2).enumerate() {
        let [number, place] = *pair else { return None };
        let at = first.checked_add(text.number(place)?)?;
        let tokens = text.value_at(at, left)?;
        objects.push(Object {
            number: Some(text.number(number)?),
            values: values(&text, &tokens)?,
            is_stream: false,
            packed_in: Some(PackedIn { section: index, position }),
        });
    }
    Some(objects)
}

/// The values that the tokens are; None if they are none, so that readers would differ in what they make of them.
fn values(pdf: &Pdf<'_>, tokens: &[Token]) -> Option<Vec<Node>> {
    let mut values = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let (value, after) = value(pdf, rest, DEEPEST)?;
        values.push(value);
        rest = after;
    }
    Some(values)
}

fn value<'t>(pdf: &Pdf<'_>, tokens: &'t [Token], depth: u8) -> Option<(Node, &'t [Token])> {
    let depth = depth.checked_sub(1)?;
    if let [number, generation, word, after @ ..] = tokens
        && pdf.is_word(*word, b"R")
        && let (Some(number), Some(generation)) = (pdf.number(*number), pdf.number(*generation))
    {
        return Some((Node::Reference { number, generation }, after));
    }
    let (token, mut rest) = tokens.split_first()?;
    let meaning = || pdf.meaning(*token).into_owned();
    let node = match token.kind {
        Kind::Name => Node::Name(pdf.name(*token)?.into_owned()),
        Kind::Number => Node::Number(meaning()),
        Kind::Text => Node::Text(meaning()),
        Kind::Hex => Node::Hex(meaning()),
        Kind::Word | Kind::End => Node::Word(meaning()),
        Kind::ArrayOpen => {
            let mut values = Vec::new();
            while rest.first()?.kind != Kind::ArrayClose {
                let (value, after) = value(pdf, rest, depth)?;
                values.push(value);
                rest = after;
            }
            rest = rest.get(1..)?;
            Node::Array(values)
        }
        Kind::DictOpen => {
            let mut entries = Vec::new();
            while rest.first()?.kind != Kind::DictClose {
                let (key, after) = rest.split_first()?;
                let (value, after) = value(pdf, after, depth)?;
                entries.push((pdf.name(*key)?.into_owned(), value));
                rest = after;
            }
            rest = rest.get(1..)?;
            Node::Dict(Dict(entries))
        }
        Kind::DictClose | Kind::ArrayClose => return None,
    };
    Some((node, rest))
}
