//! Why a file is not a schema.

/// Why a file is not a schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It is not TOML of the right shape.
    #[error("the file has not the shape of a schema")]
    Shape(#[from] toml::de::Error),
    /// It takes from a part what the part does not have.
    #[error("no part {part} has {what}")]
    NoPart {
        /// The part that it names.
        part: String,
        /// `sections`, `fields` or `rules`.
        what: &'static str,
    },
    /// It contradicts itself; every contradiction is listed.
    #[error("the schema {id} contradicts itself: {}", problems.join("; "))]
    Contradictions {
        /// Which schema.
        id: String,
        /// What is wrong, one line each.
        problems: Vec<String>,
    },
}
