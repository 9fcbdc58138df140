//! What the public pages tell beside the calendar: notices in three lists, documents to download, planned maintenance (NOT-1,
//! DOC-1, OPS-1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::calendar;
use crate::coded::coded;

coded! {
    /// A list of notices, under the name that people know from the portal (NOT-1).
    pub enum NoticeList as "list of notices" {
        /// Of the portal itself.
        Notices = "avvisi", "Avvisi";
        /// What is new.
        News = "novita", "Novità";
        /// Laws and decrees.
        Laws = "leggi", "Leggi e Decreti sull'Immigrazione";
    }
}

/// One edition of all of it, as administrators publish it and the public files hold it. Instants have Rome's offset.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct NoticeBoard {
    /// The notices of all lists; pages show the newest first.
    pub notices: Vec<PublicNotice>,
    /// The documents, in the order of the page.
    pub documents: Vec<PublicDocument>,
    /// Planned maintenance; pages leave out what is over.
    pub maintenance: Vec<Maintenance>,
}

/// A notice.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PublicNotice {
    /// Its own among all notices.
    pub id: String,
    /// In which list it stands.
    pub list: NoticeList,
    /// One line.
    pub title: String,
    /// Plain text.
    pub text: String,
    /// When it was published.
    #[serde(serialize_with = "in_rome")]
    pub published: Timestamp,
    /// A page that says more: a path of the portal, or an address under https.
    pub link: Option<String>,
}

/// A document to download (DOC-1).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PublicDocument {
    /// Its own among all documents; the same through its versions.
    pub id: String,
    /// One line.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The path of the file on the portal's own origin, under [`DOCUMENTS_PATH`].
    pub url: String,
    /// What people call this version.
    pub version: String,
    /// Length of the file.
    pub bytes: u64,
}

/// A time in which the portal will not work, or not wholly.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Maintenance {
    /// Its first instant.
    #[serde(serialize_with = "in_rome")]
    pub from: Timestamp,
    /// The first instant after it.
    #[serde(serialize_with = "in_rome")]
    pub until: Timestamp,
    /// What people can and cannot do meanwhile.
    pub text: String,
}

/// Below this path of the portal stand the files of documents.
pub const DOCUMENTS_PATH: &str = "/facts/documents/";

fn in_rome<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&calendar::rfc3339(*instant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::check::codes_lead_back;

    #[test]
    fn lists_have_stable_codes() {
        codes_lead_back(NoticeList::ALL, NoticeList::label);
    }

    /// What was stored is what was published, and people read Rome's hours in it.
    #[test]
    fn a_board_is_read_as_it_was_written() {
        let board = NoticeBoard {
            notices: vec![PublicNotice {
                id: "a1".to_owned(),
                list: NoticeList::Laws,
                title: "Decreto".to_owned(),
                text: "Pubblicato.".to_owned(),
                published: "2026-06-01T08:00:00Z".parse().unwrap(),
                link: None,
            }],
            documents: Vec::new(),
            maintenance: vec![Maintenance {
                from: "2026-12-06T21:00:00Z".parse().unwrap(),
                until: "2026-12-07T01:00:00Z".parse().unwrap(),
                text: "Il portale non si potrà usare.".to_owned(),
            }],
        };
        let written = serde_json::to_value(&board).unwrap();
        assert_eq!(written["notices"][0]["published"], "2026-06-01T10:00:00.000+02:00");
        assert_eq!(written["notices"][0]["list"], "leggi");
        assert_eq!(written["maintenance"][0]["from"], "2026-12-06T22:00:00.000+01:00");
        assert_eq!(serde_json::from_value::<NoticeBoard>(written).unwrap(), board);
    }
}
