//! Where this checkout keeps things, and the ports that are its own.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::process::Failure;

/// Name of the CloudFormation stack, as in `samconfig.toml`.
pub(crate) const STACK: &str = "portal";

pub(crate) const REGION: &str = "eu-south-1";

#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    pub(crate) root: PathBuf,
    /// State, logs, Python environments and notes of this checkout; git ignores it.
    pub(crate) local: PathBuf,
    pub(crate) ports: Ports,
}

/// Neighbours below the range that systems hand out for outgoing connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) emulator: u16,
    pub(crate) edge: u16,
    pub(crate) store: u16,
    /// Of the simulated certified provider: submission, mailbox, what it took.
    pub(crate) pec: [u16; 3],
}

impl Ports {
    /// Derived from the path, so that two checkouts run side by side and an address stays the same from day to day.
    fn of(root: &Path) -> Self {
        let slot =
            u16::try_from(fingerprint(root.as_os_str().as_encoded_bytes()) % 1100).unwrap_or(0);
        let first = 10_000 + slot * 20;
        Self {
            emulator: first,
            edge: first + 1,
            store: first + 2,
            pec: [first + 3, first + 4, first + 5],
        }
    }
}

impl Checkout {
    pub(crate) fn here() -> Result<Self, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let local = root.join(".local");
        Ok(Self { ports: Ports::of(&root), local, root })
    }

    /// The folder of each function, by name, in alphabetical order.
    pub(crate) fn functions(&self) -> Result<Vec<String>, Failure> {
        let folders = fs::read_dir(self.root.join("functions"))?
            .flatten()
            .filter(|entry| entry.path().join("Cargo.toml").exists());
        let mut names: Vec<String> =
            folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        Ok(names)
    }

    /// A program of the workspace, built with the dev profile.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target().join("debug").join(name)
    }

    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// `KEY=VALUE` lines for programs that call the running portal.
    pub(crate) fn settings_file(&self) -> PathBuf {
        self.local.join("env")
    }

    pub(crate) fn settings(&self) -> Result<Vec<(String, String)>, Failure> {
        let text = fs::read_to_string(self.settings_file())
            .map_err(|_| Failure::new("The portal is not up: run `cargo xtask up` first."))?;
        Ok(text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect())
    }
}

/// Tells whether content has changed; no defence against an attacker.
pub(crate) fn fingerprint(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    hasher.finish()
}

/// Fingerprint of a file's content; of a missing file, that of nothing.
pub(crate) fn fingerprint_of(file: &Path) -> u64 {
    let mut content = Vec::new();
    let read = fs::File::open(file).and_then(|mut file| file.read_to_end(&mut content));
    fingerprint(if read.is_ok() { &content } else { &[] })
}

/// Writes a file and the folders above it.
pub(crate) fn write(file: &Path, content: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_checkouts_get_different_ports() {
        assert_ne!(
            Ports::of(Path::new("/home/ada/portal")),
            Ports::of(Path::new("/home/ada/portal-review"))
        );
    }

    #[test]
    fn ports_stay_below_those_of_outgoing_connections() {
        for name in 0..1000 {
            assert!(Ports::of(Path::new(&format!("/home/a/{name}"))).emulator + 20 < 32_768);
        }
    }
}
