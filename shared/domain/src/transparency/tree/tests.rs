//! The tree against the vectors of Certificate Transparency, and against Cloudflare's reader of such logs, which makes and
//! checks the proofs: nothing of ours judges ours.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use proptest::prelude::*;
use tlog_tiles::{
    tile::{TileHashReader, TileReader},
    tlog,
};

use super::*;

/// Leaves and the roots after each, from the tests of Certificate Transparency; the first root is that of no leaf.
const VECTORS: ([&str; 8], [&str; 9]) = (
    [
        "",
        "\u{0}",
        "\u{10}",
        "\u{20}\u{21}",
        "\u{30}\u{31}",
        "\u{40}\u{41}\u{42}\u{43}",
        "\u{50}\u{51}\u{52}\u{53}\u{54}\u{55}\u{56}\u{57}",
        "\u{60}\u{61}\u{62}\u{63}\u{64}\u{65}\u{66}\u{67}\u{68}\u{69}\u{6a}\u{6b}\u{6c}\u{6d}\u{6e}\u{6f}",
    ],
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ],
);

fn entry(text: &str) -> Entry {
    Entry::try_from(text.to_string()).unwrap()
}

fn some(numbers: std::ops::Range<u64>) -> Vec<Entry> {
    numbers.map(|number| entry(&format!("entry {number}"))).collect()
}

/// The files of a log, as they lie in the bucket.
#[derive(Clone, Default)]
struct Shelf(BTreeMap<String, Vec<u8>>);

impl Shelf {
    fn put(&mut self, files: Vec<TileFile>) {
        for TileFile { tile, content } in files {
            let there = self.0.insert(tile.path(), content.clone());
            assert!(there.is_none_or(|there| there == content), "{} changed", tile.path());
        }
    }

    fn edge(&self, size: u64) -> Vec<Vec<u8>> {
        Tree::edge(size).iter().map(|tile| self.0[&tile.path()].clone()).collect()
    }
}

/// A log of that many entries, in batches of these sizes over and over.
fn grown(size: u64, batches: &[u64]) -> (Tree, Shelf) {
    let (mut tree, mut shelf) = (Tree::default(), Shelf::default());
    for batch in batches.iter().cycle() {
        let to = size.min(tree.size() + batch);
        shelf.put(tree.append(&some(tree.size()..to)));
        if to == size {
            break;
        }
    }
    (tree, shelf)
}

impl TileReader for Shelf {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog::Error> {
        let path = |tile: &tlog_tiles::Tile| {
            let layer = Layer::Hashes(tile.level().into());
            let width = u16::try_from(tile.width()).unwrap();
            Tile { layer, number: tile.level_index(), width }.path()
        };
        Ok(tiles.iter().map(|tile| self.0[&path(tile)].clone()).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    let (leaves, roots) = VECTORS;
    for (size, root) in roots.iter().enumerate() {
        let mut tree = Tree::default();
        tree.append(&leaves[..size].iter().map(|leaf| entry(leaf)).collect::<Vec<_>>());
        assert_eq!(HEXLOWER.encode(&tree.root()), *root, "{size}");
    }
}

#[test]
fn paths_are_those_of_tlog_tiles() {
    let path = |layer, number, width| Tile { layer, number, width }.path();
    assert_eq!(path(Layer::Hashes(0), 0, 256), "tile/0/000");
    assert_eq!(path(Layer::Hashes(1), 7, 3), "tile/1/007.p/3");
    assert_eq!(path(Layer::Hashes(0), 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(path(Layer::Entries, 1_000, 1), "tile/entries/x001/000.p/1");
}

/// RNK-3: from the tiles alone a stranger's program proves each entry to be in the tree, and each earlier tree to be the
/// beginning of a later one; for every size up to 130, and around the edges of tiles above.
#[test]
fn a_strangers_program_proves_inclusion_and_consistency_from_the_tiles() {
    let mut roots = BTreeMap::new();
    for size in (1..=130).chain([255, 256, 257, 300, 511, 512, 513, 1_300]) {
        let (tree, shelf) = grown(size, &[1, 100, 29]);
        roots.insert(size, tlog::Hash(tree.root()));
        let root = roots[&size];
        let reader = TileHashReader::new(size, root, &shelf);
        for number in (0..size).step_by(1 + usize::try_from(size / 40).unwrap()) {
            let leaf = tlog::record_hash(format!("entry {number}").as_bytes());
            let proof = tlog::prove_record(size, number, &reader).unwrap();
            tlog::check_record(&proof, size, root, number, leaf).unwrap();
            let other = tlog::record_hash(b"another");
            assert!(tlog::check_record(&proof, size, root, number, other).is_err());
        }
        for (before, old) in &roots {
            let proof = tlog::prove_tree(size, *before, &reader).unwrap();
            tlog::check_tree(&proof, size, root, *before, *old).unwrap();
            let other = tlog::Hash([9; 32]);
            assert!(tlog::check_tree(&proof, size, root, *before, other).is_err());
        }
    }
}

/// RNK-3: one entry that is changed, left out or exchanged with its neighbour gives another root, and no proof from one to
/// the other.
#[test]
fn one_entry_that_is_changed_left_out_or_moved_changes_the_root() {
    let entries = some(0..300);
    let root = |entries: &[Entry]| {
        let mut tree = Tree::default();
        tree.append(entries);
        tree.root()
    };
    let whole = root(&entries);
    for number in [0, 1, 100, 255, 256, 298] {
        let mut changed = entries.clone();
        changed[number] = entry("something else");
        let mut shorter = entries.clone();
        shorter.remove(number);
        let mut moved = entries.clone();
        moved.swap(number, number + 1);
        for other in [changed, shorter, moved] {
            assert_ne!(root(&other), whole, "{number}");
        }
    }
}

/// However entries come in batches, the complete files and the root are the same; and whoever goes on from the files goes
/// on as if the tree had never been put away.
#[test]
fn a_tree_goes_on_from_its_incomplete_tiles() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_000] {
        let (tree, shelf) = grown(size, &[30_000]);
        let resumed = Tree::resumed(size, &shelf.edge(size)).unwrap();
        assert_eq!((resumed.root(), resumed.size()), (tree.root(), size));
        assert!(Tree::edge(size).len() <= 4);
        let (mut here, mut there) = (tree, resumed);
        assert_eq!(here.append(&some(size..size + 300)), there.append(&some(size..size + 300)));
        assert_eq!(here.root(), there.root());
    }
}

#[test]
fn a_tile_that_was_changed_or_cut_is_found_out() {
    let (_, shelf) = grown(700, &[700]);
    let edge = shelf.edge(700);
    let read = |contents: &[Vec<u8>]| Tree::resumed(700, contents).map(|tree| tree.root());
    let root = read(&edge).unwrap();
    for (number, content) in edge.iter().enumerate() {
        for place in [0, 1, 40, content.len() - 1] {
            let mut changed = edge.clone();
            changed[number][place] ^= 1;
            assert!(read(&changed).is_err() || read(&changed) != Ok(root), "{number} {place}");
        }
        let mut cut = edge.clone();
        cut[number].pop();
        assert!(read(&cut).is_err(), "{number}");
    }
    assert!(read(&edge[1..]).is_err());
}

proptest! {
    /// Batches of any size: the same root, the same tree to go on with, and no file that was written ever changes.
    #[test]
    fn the_cut_into_batches_does_not_count(size in 1..1_500_u64, batches in prop::collection::vec(1..400_u64, 1..6)) {
        let (tree, shelf) = grown(size, &batches);
        let (whole, at_once) = grown(size, &[size]);
        prop_assert_eq!(tree.root(), whole.root());
        prop_assert_eq!(Tree::resumed(size, &shelf.edge(size)).unwrap(), Tree::resumed(size, &at_once.edge(size)).unwrap());
        for (path, content) in &at_once.0 {
            prop_assert_eq!(&shelf.0[path], content, "{}", path);
        }
    }
}
