//! One declaration for a fieldless enum, its stable codes and its Italian labels.

/// The text is not the code of any known value.
///
/// It does not repeat the text: what a stranger sends may be anything, and errors are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the code of a known {kind}")]
pub struct UnknownCode {
    /// The enum that was expected, in English (`state`, `event`, …).
    pub kind: &'static str,
}

/// Declares a fieldless enum whose variants carry a stable code and an Italian label.
///
/// The code is what is stored and sent: kebab-case, never changed once it was used.
/// It is also the `Display`, `FromStr` and serde form.
macro_rules! coded {
    (
        $(#[$meta:meta])*
        pub enum $name:ident as $kind:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $code:literal, $label:expr; )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_meta])* $variant, )+ }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The stable kebab-case code that is stored and sent.
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The Italian text that people read.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$variant => $label, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::coded::UnknownCode;

            fn from_str(code: &str) -> Result<Self, Self::Err> {
                match code {
                    $( $code => Ok(Self::$variant), )+
                    _ => Err($crate::coded::UnknownCode { kind: $kind }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                code.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use coded;

#[cfg(test)]
pub(crate) mod check {
    //! What every coded enum must keep, asked by the tests of each.

    use std::collections::BTreeSet;
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    /// Codes are distinct, kebab-case, and lead back to their value; labels are not empty.
    pub(crate) fn codes_lead_back<T>(all: &[T], label: fn(T) -> &'static str)
    where
        T: Copy + Display + Debug + PartialEq + FromStr<Err = super::UnknownCode>,
    {
        let mut seen = BTreeSet::new();
        for value in all {
            let code = value.to_string();
            assert!(seen.insert(code.clone()), "{code} is used twice");
            assert!(
                code.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert_eq!(code.parse::<T>().as_ref(), Ok(value));
            assert!(!label(*value).is_empty());
            assert!(code.to_uppercase().parse::<T>().is_err());
        }
        assert!("".parse::<T>().is_err());
    }
}
