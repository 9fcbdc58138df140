//! What a demo code makes the registries do: the table that replaces a global switch.

use crate::{scope::Scope, wire::Operation};

/// How a registry answers about a code. The number is the class that the code carries.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Behaviour {
    /// Answers well; what is asynchronous (INPS, incomes) comes after a short delay.
    #[default]
    Regular,
    /// Answers well and at once, the asynchronous too.
    AtOnce,
    /// Does not know the subject.
    NotFound,
    /// Knows the company, but the person of the same number does not represent it.
    RepresentativeDiffers,
    /// Knows the subject, which has no certified address.
    NoAddress,
    /// Holds as certified address something that is none.
    AddressUnusable,
    /// Holds an address (INAD) whose validity has ended; elsewhere none.
    AddressEnded,
    /// Always 500.
    Down,
    /// 500 to the first two questions about an application, then well.
    DownTwice,
    /// 429 with a pause to the first two questions, then well.
    Throttled,
    /// Always answers after the client has given up.
    TimesOut,
    /// The first question times out, then well.
    TimesOutOnce,
    /// 200 whose JSON stops in the middle.
    CutJson,
    /// 200 about another subject.
    AnotherSubject,
    /// 200 whose values have other types than agreed.
    WrongTypes,
    /// 200 with a page for people (maintenance) instead of JSON.
    Page,
    /// 401 to the first question, as if the voucher had been withdrawn.
    VoucherWithdrawn,
    /// 403 always.
    Forbidden,
    /// 202 until a long delay has passed, then well.
    Late,
    /// 202 for good.
    NeverReady,
}

/// What a code demands.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Demand {
    /// How to answer.
    pub behaviour: Behaviour,
    /// To which questions.
    pub scope: Scope,
}

impl Demand {
    /// The behaviour for one question.
    pub fn at(self, operation: Operation) -> Behaviour {
        let concerned = match self.scope {
            Scope::Everywhere => true,
            scope => scope == operation.scope(),
        };
        if concerned { self.behaviour } else { Behaviour::Regular }
    }
}

impl From<Behaviour> for Demand {
    fn from(behaviour: Behaviour) -> Self {
        Self { behaviour, scope: Scope::Everywhere }
    }
}

impl Behaviour {
    /// Every behaviour with the class that codes carry for it.
    pub const ALL: [(Self, u8); 20] = [
        (Self::Regular, 0),
        (Self::AtOnce, 1),
        (Self::NotFound, 2),
        (Self::RepresentativeDiffers, 3),
        (Self::NoAddress, 4),
        (Self::AddressUnusable, 5),
        (Self::AddressEnded, 6),
        (Self::Down, 10),
        (Self::DownTwice, 11),
        (Self::Throttled, 12),
        (Self::TimesOut, 13),
        (Self::TimesOutOnce, 14),
        (Self::CutJson, 20),
        (Self::AnotherSubject, 21),
        (Self::WrongTypes, 22),
        (Self::Page, 23),
        (Self::VoucherWithdrawn, 30),
        (Self::Forbidden, 31),
        (Self::Late, 40),
        (Self::NeverReady, 41),
    ];

    /// The class, below 50.
    pub fn code(self) -> u8 {
        Self::ALL.iter().find(|(behaviour, _)| *behaviour == self).map_or(0, |(_, code)| *code)
    }

    /// The behaviour of a class, if there is one.
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.iter().find(|(_, of)| *of == code).map(|(behaviour, _)| *behaviour)
    }
}
