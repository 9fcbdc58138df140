//! Which questions a behaviour concerns.

/// Which questions the behaviour concerns; all others are answered as [`crate::Behaviour::Regular`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Scope {
    /// All of them.
    #[default]
    Everywhere,
    /// Whether the person represents the company (CHK-2).
    Representation,
    /// The certified address (INI-PEC, INAD).
    Address,
    /// What is filled at once (Unioncamere, Agenzia delle Entrate).
    FactsNow,
    /// What comes later (INPS, incomes).
    FactsLater,
}

impl Scope {
    /// Every scope with the digit that codes carry for it.
    pub const ALL: [(Self, u8); 5] = [
        (Self::Everywhere, 0),
        (Self::Representation, 1),
        (Self::Address, 2),
        (Self::FactsNow, 3),
        (Self::FactsLater, 4),
    ];

    /// The digit.
    pub fn digit(self) -> u8 {
        Self::ALL.iter().find(|(scope, _)| *scope == self).map_or(0, |(_, digit)| *digit)
    }

    /// The scope of a digit, if there is one.
    pub fn of_digit(digit: u8) -> Option<Self> {
        Self::ALL.iter().find(|(_, of)| *of == digit).map(|(scope, _)| *scope)
    }
}
