//! Digital signatures as people make them: CAdES by openssl, PAdES by pyHanko, certificates of an authority of our own.

use std::{fs, path::PathBuf};

use outside::files::Files;
use tokio::process::Command;

use crate::{
    environment::root,
    people,
    story::{Deviation, StoryResult},
    world::World,
};

/// Where the portal reads whom it trusts (check-upload).
const ANCHORS: &str = "trust/anchors.pem";

/// A person with a smart card.
#[derive(Clone, Debug)]
pub enum Signer {
    /// The person with this fiscal code and name.
    Person(String, String),
    /// One of the invented signers of `tests/signatures/sign.py`: `other`, `expired`, `stranger`, `weak`.
    Invented(&'static str),
}

impl Signer {
    fn named(&self) -> String {
        match self {
            Self::Person(code, name) => format!("{code}:{name}"),
            Self::Invented(name) => (*name).to_owned(),
        }
    }
}

/// In which form a file is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// An envelope around the file, `.p7m`.
    Cades,
    /// Inside the PDF.
    Pades,
}

impl Form {
    const fn word(self) -> &'static str {
        match self {
            Self::Cades => "cades",
            Self::Pades => "pades",
        }
    }

    /// The media type of what comes out.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Cades => "application/pkcs7-mime",
            Self::Pades => "application/pdf",
        }
    }
}

/// The tools that sign, and the authority of this checkout.
#[derive(Clone, Debug)]
pub struct Signatures {
    python: PathBuf,
    authority: PathBuf,
}

impl Signatures {
    /// The tools as `cargo xtask` installs them; the portal of this world trusts their authority from now on.
    pub async fn trusted_by(world: &World) -> StoryResult<Self> {
        let python = root().join(".local/venvs/signatures/bin/python");
        if !python.exists() {
            return Err(Deviation::new(
                "the tools that sign are not installed: run this by `cargo xtask test` or `cargo xtask journey`",
            ));
        }
        let signatures = Self { python, authority: root().join(".local/authority") };
        let anchors = signatures.authority.join("anchors.pem");
        if !anchors.exists() {
            // The first signature makes the authority; sign.py makes one, however many sign at once.
            signatures
                .sign(b"%PDF-1.7\n%%EOF\n", Form::Cades, &[Signer::Invented("employer")])
                .await?;
        }
        let (_, sdk) = world.store();
        let facts = Files::new(sdk, world.environment.text("FACTS_BUCKET")?);
        facts
            .put(ANCHORS, "application/x-pem-file", fs::read(anchors)?)
            .await
            .map_err(|error| Deviation::new(format!("the anchors are not stored: {error}")))?;
        Ok(signatures)
    }

    /// A document signed by these people, one after the other.
    pub async fn sign(
        &self,
        document: &[u8],
        form: Form,
        signers: &[Signer],
    ) -> StoryResult<Vec<u8>> {
        let folder = root().join(".local/signed");
        fs::create_dir_all(&folder)?;
        let name = people::fresh_word()?;
        let (input, output) =
            (folder.join(format!("{name}.pdf")), folder.join(format!("{name}.out")));
        fs::write(&input, document)?;
        let mut command = Command::new(&self.python);
        command
            .arg(root().join("tests/signatures/sign.py"))
            .arg(&input)
            .arg(&output)
            .args(["--format", form.word()])
            .arg("--authority")
            .arg(&self.authority)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(std::process::Stdio::null());
        for signer in signers {
            command.arg("--as").arg(signer.named());
        }
        let told = command.output().await?;
        if !told.status.success() {
            let error = String::from_utf8_lossy(&told.stderr).into_owned();
            return Err(Deviation::new(format!("sign.py did not succeed: {error}")));
        }
        let signed = fs::read(&output)?;
        fs::remove_file(input).ok();
        fs::remove_file(output).ok();
        Ok(signed)
    }
}
