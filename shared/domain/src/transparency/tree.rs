//! An append-only Merkle tree, hashed as RFC 9162 says and kept in the tiles of C2SP's tlog-tiles.
//!
//! Appending needs the incomplete tiles at the right edge alone: their number grows with the logarithm of the size.

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::Entry;

/// The hash of a subtree.
pub type Hash = [u8; 32];

/// Hashes of a complete tile, and entries of a complete bundle.
const WIDTH: usize = 256;
/// Levels of the tree that one tile holds.
const HEIGHT: u32 = 8;

/// The hash of a leaf (RFC 9162, 2.1.1).
fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of two subtrees (RFC 9162, 2.1.1).
fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The hash above as many hashes as a power of two says.
fn complete(hashes: &[Hash]) -> Hash {
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                _ => pair.first().copied().unwrap_or_default(),
            })
            .collect();
    }
    level.first().copied().unwrap_or_default()
}

/// What a tile holds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Layer {
    Entries,
    Hashes(u32),
}

/// A file of the log: some entries, or the hashes of some subtrees.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Tile {
    layer: Layer,
    number: u64,
    /// How many it holds, 1 to 256.
    width: u16,
}

impl Tile {
    /// Its path below the log's own address, as tlog-tiles has it: `tile/0/x001/234`, `tile/entries/000.p/7`.
    pub fn path(&self) -> String {
        let mut path = format!("{:03}", self.number % 1_000);
        let mut rest = self.number / 1_000;
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % 1_000);
            rest /= 1_000;
        }
        let layer = match self.layer {
            Layer::Entries => "entries".to_owned(),
            Layer::Hashes(level) => level.to_string(),
        };
        if usize::from(self.width) == WIDTH {
            format!("tile/{layer}/{path}")
        } else {
            format!("tile/{layer}/{path}.p/{}", self.width)
        }
    }
}

/// A tile with its content.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TileFile {
    /// Which.
    pub tile: Tile,
    /// The bytes of the file; the same for the same tile, whenever it is written.
    pub content: Vec<u8>,
}

/// A stored tile is not what was written.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0} of the log is not as it was written")]
pub struct Corrupt(pub String);

/// The right edge of a tree, from which it grows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tree {
    size: u64,
    /// Those of the incomplete bundle.
    entries: Vec<Entry>,
    /// By level of tiles, those of the incomplete tile.
    hashes: Vec<Vec<Hash>>,
}

impl Tree {
    /// The tiles that are to be read to go on at a size: the incomplete ones, at most nine.
    pub fn edge(size: u64) -> Vec<Tile> {
        let levels = (0..u64::BITS / HEIGHT).map(Layer::Hashes);
        std::iter::once(Layer::Entries)
            .chain(levels)
            .filter_map(|layer| at_edge(layer, size))
            .collect()
    }

    /// The tree of this size; `contents` are those of [`Tree::edge`], in its order. What it is to be worth, its root, is
    /// for the caller to compare.
    ///
    /// # Errors
    /// A tile has another length, or entries have other hashes.
    pub fn resumed(size: u64, contents: &[Vec<u8>]) -> Result<Self, Corrupt> {
        let mut tree = Self { size, ..Self::default() };
        let edge = Self::edge(size);
        if contents.len() != edge.len() {
            return Err(Corrupt("the edge".to_owned()));
        }
        for (tile, content) in edge.iter().zip(contents) {
            let corrupt = || Corrupt(tile.path());
            match tile.layer {
                Layer::Entries => {
                    tree.entries = entries(content, tile.width).ok_or_else(corrupt)?;
                }
                Layer::Hashes(level) => {
                    *tree.level(level) = hashes(content, tile.width).ok_or_else(corrupt)?;
                }
            }
        }
        let read: Vec<Hash> =
            tree.entries.iter().map(|entry| leaf_hash(entry.as_bytes())).collect();
        if read != tree.hashes.first().cloned().unwrap_or_default() {
            return Err(Corrupt("the last bundle of entries".to_owned()));
        }
        Ok(tree)
    }

    /// How many entries it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hash of the whole tree (RFC 9162, 2.1.1).
    pub fn root(&self) -> Hash {
        let mut root = None;
        for level in &self.hashes {
            for part in complete_parts(level).into_iter().rev() {
                root = Some(root.map_or(part, |right| node_hash(&part, &right)));
            }
        }
        root.unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// Appends entries, and gives the files that are to be written: the complete ones, and the incomplete ones at the edge.
    pub fn append(&mut self, entries: &[Entry]) -> Vec<TileFile> {
        let before = self.size;
        let mut files = Vec::new();
        for entry in entries {
            self.entries.push(entry.clone());
            if self.entries.len() == WIDTH {
                files.push(self.bundle(self.size >> HEIGHT));
                self.entries.clear();
            }
            self.push(0, leaf_hash(entry.as_bytes()), &mut files);
            self.size += 1;
        }
        for tile in Self::edge(self.size) {
            match tile.layer {
                Layer::Entries => files.push(self.bundle(tile.number)),
                Layer::Hashes(level)
                    if before >> (HEIGHT * level) < self.size >> (HEIGHT * level) =>
                {
                    files.push(TileFile { tile, content: self.level(level).concat() });
                }
                Layer::Hashes(_) => {}
            }
        }
        files
    }

    /// The hash of a subtree that is complete now, and what that completes above it.
    fn push(&mut self, level: u32, hash: Hash, files: &mut Vec<TileFile>) {
        let number = self.size.checked_shr(HEIGHT * (level + 1)).unwrap_or_default();
        let hashes = self.level(level);
        hashes.push(hash);
        if hashes.len() == WIDTH {
            let done = std::mem::take(hashes);
            let tile = Tile { layer: Layer::Hashes(level), number, width: 256 };
            files.push(TileFile { tile, content: done.concat() });
            self.push(level + 1, complete(&done), files);
        }
    }

    fn level(&mut self, level: u32) -> &mut Vec<Hash> {
        let level = usize::try_from(level).unwrap_or_default();
        if self.hashes.len() <= level {
            self.hashes.resize(level + 1, Vec::new());
        }
        #[expect(clippy::indexing_slicing, reason = "the line above makes room for it")]
        &mut self.hashes[level]
    }

    fn bundle(&self, number: u64) -> TileFile {
        let mut content = Vec::new();
        for entry in &self.entries {
            let length = u16::try_from(entry.as_bytes().len()).unwrap_or(u16::MAX);
            content.extend(length.to_be_bytes());
            content.extend(entry.as_bytes());
        }
        let width = u16::try_from(self.entries.len()).unwrap_or(u16::MAX);
        TileFile { tile: Tile { layer: Layer::Entries, number, width }, content }
    }
}

/// The incomplete tile of a layer at a size; none where all are complete.
fn at_edge(layer: Layer, size: u64) -> Option<Tile> {
    let count = match layer {
        Layer::Entries => size,
        Layer::Hashes(level) => size >> (HEIGHT * level),
    };
    let width = u16::try_from(count % 256).unwrap_or_default();
    (width > 0).then_some(Tile { layer, number: count >> HEIGHT, width })
}

/// The complete subtrees of an incomplete tile, the largest first.
fn complete_parts(hashes: &[Hash]) -> Vec<Hash> {
    let mut rest = hashes;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        // The largest power of two that is no larger.
        let (part, after) = rest.split_at(1 << rest.len().ilog2());
        parts.push(complete(part));
        rest = after;
    }
    parts
}

fn hashes(content: &[u8], width: u16) -> Option<Vec<Hash>> {
    let (hashes, rest) = content.as_chunks::<32>();
    (rest.is_empty() && hashes.len() == usize::from(width)).then(|| hashes.to_vec())
}

fn entries(content: &[u8], width: u16) -> Option<Vec<Entry>> {
    let mut rest = content;
    let mut entries = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(Entry::try_from(String::from_utf8(entry.to_vec()).ok()?).ok()?);
        rest = after;
    }
    (rest.is_empty() && entries.len() == usize::from(width)).then_some(entries)
}

#[cfg(test)]
mod tests;
