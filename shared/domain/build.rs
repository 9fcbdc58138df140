//! Lists the form schemas, their shared parts and the reference tables, so that adding one is adding a file and no line
//! of code. (FRM-1)

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() -> io::Result<()> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo tells a build script its folder in no other way"
    )]
    let out = std::env::var("OUT_DIR").map(PathBuf::from).map_err(io::Error::other)?;
    fs::write(out.join("models.rs"), listing(package, "models")?)?;
    fs::write(out.join("parts.rs"), listing(package, "models/parts")?)?;
    fs::write(out.join("tables.rs"), listing(package, "tables")?)
}

/// An array expression of (file name without ending, text) pairs, in the order of the names.
fn listing(package: &Path, folder: &str) -> io::Result<String> {
    println!("cargo::rerun-if-changed={folder}");
    let mut files = fs::read_dir(package.join(folder))?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let mut text = String::from("&[\n");
    for file in files {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let path = file.to_string_lossy();
        writeln!(text, "    ({stem:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    Ok(text)
}
