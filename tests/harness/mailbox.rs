//! The certified mailboxes of the demo people, read through the emulator.

use std::time::Duration;

use data_encoding::BASE64;
use serde::Deserialize;

use crate::{
    emulator::Emulator,
    story::{Deviation, Story, StoryResult},
};

/// How long a letter may take to pass stream, queue and sender.
pub const LETTER_DEADLINE: Duration = Duration::from_mins(2);

/// A file that went with a PEC.
#[derive(Clone, Debug)]
pub struct File {
    /// Shown name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Content.
    pub content: Vec<u8>,
}

/// A letter as the emulator, or the certified provider, kept it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Letter {
    /// Who sent it.
    pub source: String,
    /// Who got it.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    #[serde(default)]
    pub body_text: Option<String>,
    /// What went with it; not known of ordinary mail.
    #[serde(skip)]
    pub files: Option<Vec<File>>,
}

impl Letter {
    /// Whether subject or text hold this.
    pub fn speaks_of(&self, text: &str) -> bool {
        self.subject.contains(text) || self.text().contains(text)
    }

    /// The text, or nothing.
    pub fn text(&self) -> &str {
        self.body_text.as_deref().unwrap_or_default()
    }

    /// The activation code in the text: two groups of four capital letters and digits.
    pub fn activation_code(&self) -> Option<String> {
        let is_group = |group: &str| {
            group.len() == 4
                && group
                    .chars()
                    .all(|symbol| symbol.is_ascii_digit() || symbol.is_ascii_uppercase())
        };
        let mut words =
            self.text().split(|symbol: char| !symbol.is_ascii_alphanumeric() && symbol != '-');
        let is_code = |word: &&str| {
            word.split_once('-').is_some_and(|(left, right)| is_group(left) && is_group(right))
        };
        words.rfind(is_code).map(str::to_owned)
    }
}

/// A message as the certified provider shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct Certified {
    from: String,
    to: Vec<String>,
    subject: String,
    body: String,
    attachments: Vec<Attached>,
}

#[derive(Debug, Deserialize)]
struct Attached {
    name: String,
    media_type: String,
    base64: String,
}

impl Certified {
    pub(crate) fn letter(self) -> StoryResult<Letter> {
        let file = |file: Attached| -> StoryResult<File> {
            let content = BASE64.decode(file.base64.as_bytes())?;
            Ok(File { name: file.name, media_type: file.media_type, content })
        };
        Ok(Letter {
            source: self.from,
            to: self.to,
            subject: self.subject,
            body_text: Some(self.body),
            files: Some(self.attachments.into_iter().map(file).collect::<StoryResult<_>>()?),
        })
    }
}

/// One person's mailbox.
#[derive(Clone, Debug)]
pub struct Mailbox {
    emulator: Emulator,
    address: String,
}

impl Mailbox {
    /// The mailbox of an address.
    pub fn new(emulator: &Emulator, address: &str) -> Self {
        Self { emulator: emulator.clone(), address: address.to_owned() }
    }

    /// Every letter to this address, oldest first.
    pub async fn letters(&self) -> StoryResult<Vec<Letter>> {
        self.emulator.letters_to(&self.address).await
    }

    /// The letters to this address that speak of something.
    pub async fn letters_about(&self, what: &str) -> StoryResult<Vec<Letter>> {
        Ok(self.letters().await?.into_iter().filter(|letter| letter.speaks_of(what)).collect())
    }

    /// Waits for the first letter that fits.
    pub async fn receives(
        &self,
        story: &Story,
        what: &str,
        fits: impl Fn(&Letter) -> bool,
    ) -> StoryResult<Letter> {
        let what = format!("{what} arrives at {}", self.address);
        story
            .eventually(&what, LETTER_DEADLINE, || async {
                let letters = self.letters().await?;
                let seen = format!("{} other letters", letters.len());
                Ok(letters.into_iter().find(|letter| fits(letter)).ok_or(seen))
            })
            .await
    }

    /// The code in the newest letter about an application (ACT-1).
    pub async fn activation_code(
        &self,
        story: &Story,
        application: &str,
        letters_before: usize,
    ) -> StoryResult<String> {
        let what = format!("the activation code arrives at {}", self.address);
        let letter = story
            .eventually(&what, LETTER_DEADLINE, || async {
                let mut letters = self.letters_about(application).await?;
                letters.retain(|letter| letter.activation_code().is_some());
                let seen = format!("{} letters with a code", letters.len());
                Ok(if letters.len() > letters_before {
                    letters.pop().ok_or(seen)
                } else {
                    Err(seen)
                })
            })
            .await?;
        letter
            .activation_code()
            .ok_or_else(|| Deviation::new("a letter without a code").after(story))
    }
}
