//! Personal data has a `Debug` that tells the type and nothing else (CONTRIBUTING.md).

/// Gives the named types a `Debug` that shows none of their values.
macro_rules! redacted {
    ($($name:ident),+ $(,)?) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        })+
    };
}

pub(crate) use redacted;
