//! One row of a list of operators: who the person is to the organisation, and what becomes of the row (ORG-1, ORG-2).

use crate::{coded::coded, email_address::EmailAddress, ids::OrganisationId, permission::Role};

coded! {
    /// What becomes of one row of a list of operators (ORG-1, ORG-2).
    pub enum RowOutcome as "row outcome" {
        /// The person is an operator now.
        Enabled = "enabled", "Operatore abilitato";
        /// The person was one already: nothing changes.
        AlreadyOperator = "already-operator", "È già operatore di questa organizzazione: nulla da fare";
        /// Something in the row is missing or wrong.
        InvalidRow = "invalid-row", "La riga ha dati mancanti o errati: correggila e inviala di nuovo";
        /// Not the code of a person.
        WrongCode = "wrong-code", "Il codice fiscale non è corretto: controllalo e invia di nuovo la riga";
        /// The provisional code of eleven digits, with which nobody can hold SPID or CIE.
        ProvisionalCode = "provisional-code", "Il codice fiscale provvisorio di 11 cifre non è ammesso: serve quello definitivo";
        /// The same person stands in an earlier row.
        Repeated = "repeated", "La stessa persona è già in una riga precedente dell'elenco";
        /// Works for another organisation.
        OtherOrganisation = "other-organisation", "Risulta operatore di un'altra organizzazione, che deve prima comunicarne la cessazione";
        /// The organisation's contact keeps the list and does not stand in it.
        IsContact = "is-contact", "È il referente dell'organizzazione: chi tiene l'elenco non può esserne operatore";
        /// The names of the row are not those of the identity with this fiscal code (ORG-7).
        NamesDiffer = "names-differ", "Cognome o nome non corrispondono all'identità SPID o CIE di questo codice fiscale: controllali e invia di nuovo la riga";
        /// The person said not to work for this organisation (ORG-7).
        Declined = "declined", "La persona ha dichiarato di non lavorare per questa organizzazione";
        /// Has never signed in (ORG-1).
        NeverSignedIn = "never-signed-in", "Non è mai entrato nel portale con SPID o CIE: deve farlo una volta prima dell'abilitazione";
        /// Signed in under another address (ORG-1).
        OtherAddress = "other-address", "È entrato nel portale con un indirizzo e-mail diverso da quello indicato";
        /// The store did not answer for this row.
        NotStored = "not-stored", "Il salvataggio non è riuscito: invia di nuovo la riga";
    }
}

/// What the portal knows of a person in a list, at the instant of the decision.
#[derive(Clone, Copy, Debug)]
pub struct ListedPerson<'a> {
    /// The organisation that the person works for now, and as what.
    pub works_for: Option<(&'a OrganisationId, Role)>,
    /// Whether the person has signed in, where that matters.
    pub first_sign_in: FirstSignIn,
    /// What the person's own identity says against the row.
    pub objection: Objection,
}

/// What a person's own identity, or the person, says against a row of a list (ORG-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// Nothing; or nobody with this fiscal code has signed in yet.
    None,
    /// The names are those of another person.
    OtherNames,
    /// The person said not to work for this organisation.
    Declined,
}

/// Whether a person in a list has signed in to the portal, and under which address (S18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstSignIn {
    /// It does not matter: the fiscal code alone decides (S22).
    NotNeeded,
    /// Never.
    Never,
    /// Under the address of the list.
    SameAddress,
    /// Under another address, or under none.
    OtherAddress,
}

impl FirstSignIn {
    /// Compares the address in the list with the one that the identity provider gave (ORG-1).
    ///
    /// `identity` is none for a person who has never signed in, and holds none where the provider gave no address.
    /// Upper and lower case do not count; what cannot be read as an address equals nothing.
    pub fn compare(listed: &str, identity: Option<Option<&str>>) -> Self {
        let comparable = |address: &str| {
            address.parse::<EmailAddress>().ok().map(|address| address.comparable())
        };
        let Some(own) = identity else { return Self::Never };
        let own = own.and_then(comparable);
        if own.is_some() && own == comparable(listed) {
            Self::SameAddress
        } else {
            Self::OtherAddress
        }
    }
}

impl RowOutcome {
    /// What becomes of a person whose row is right.
    pub fn of(organisation: &OrganisationId, listed: ListedPerson<'_>) -> Self {
        match (listed.works_for, listed.first_sign_in, listed.objection) {
            (Some((other, _)), _, _) if other != organisation => Self::OtherOrganisation,
            (Some((_, Role::OrganisationContact)), _, _) => Self::IsContact,
            (Some(_), _, _) => Self::AlreadyOperator,
            (None, _, Objection::Declined) => Self::Declined,
            (None, FirstSignIn::Never, _) => Self::NeverSignedIn,
            (None, FirstSignIn::OtherAddress, _) => Self::OtherAddress,
            (None, _, Objection::OtherNames) => Self::NamesDiffer,
            (None, FirstSignIn::NotNeeded | FirstSignIn::SameAddress, Objection::None) => {
                Self::Enabled
            }
        }
    }

    /// Whether the person is an operator of the organisation now.
    pub const fn is_operator(self) -> bool {
        matches!(self, Self::Enabled | Self::AlreadyOperator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_enabled_for_who_works_nowhere_else() {
        let (ours, other) =
            (OrganisationId::from_random([1; 16]), OrganisationId::from_random([2; 16]));
        let of = |works_for, first_sign_in| {
            let objection = Objection::None;
            RowOutcome::of(&ours, ListedPerson { works_for, first_sign_in, objection })
        };
        let operator = Role::Operator;
        assert_eq!(of(None, FirstSignIn::NotNeeded), RowOutcome::Enabled);
        assert_eq!(of(None, FirstSignIn::SameAddress), RowOutcome::Enabled);
        assert_eq!(of(None, FirstSignIn::Never), RowOutcome::NeverSignedIn);
        assert_eq!(of(None, FirstSignIn::OtherAddress), RowOutcome::OtherAddress);
        assert_eq!(of(Some((&other, operator)), FirstSignIn::Never), RowOutcome::OtherOrganisation);
        assert_eq!(
            of(Some((&ours, operator)), FirstSignIn::NotNeeded),
            RowOutcome::AlreadyOperator
        );
        assert_eq!(
            of(Some((&ours, Role::OrganisationContact)), FirstSignIn::NotNeeded),
            RowOutcome::IsContact
        );
    }

    /// ORG-7: a list harms nobody whom it names by mistake, or against their will.
    #[test]
    fn a_row_with_other_names_or_of_a_person_who_declined_enables_nobody() {
        let ours = OrganisationId::from_random([1; 16]);
        let of = |works_for, objection| {
            let first_sign_in = FirstSignIn::NotNeeded;
            RowOutcome::of(&ours, ListedPerson { works_for, first_sign_in, objection })
        };
        assert_eq!(of(None, Objection::OtherNames), RowOutcome::NamesDiffer);
        assert_eq!(of(None, Objection::Declined), RowOutcome::Declined);
        assert!(!RowOutcome::NamesDiffer.is_operator() && !RowOutcome::Declined.is_operator());
        let works_here = Some((&ours, Role::Operator));
        assert_eq!(of(works_here, Objection::OtherNames), RowOutcome::AlreadyOperator);
    }

    /// ORG-1: Anna signed in with SPID; the list must name her by the same address.
    #[test]
    fn the_address_of_the_list_is_compared_with_the_one_of_the_identity() {
        let listed = "anna.rossi@example.it";
        assert_eq!(FirstSignIn::compare(listed, None), FirstSignIn::Never);
        assert_eq!(FirstSignIn::compare(listed, Some(None)), FirstSignIn::OtherAddress);
        let same = Some(Some("Anna.Rossi@Example.it"));
        assert_eq!(FirstSignIn::compare(listed, same), FirstSignIn::SameAddress);
        let other = Some(Some("anna@example.it"));
        assert_eq!(FirstSignIn::compare(listed, other), FirstSignIn::OtherAddress);
        assert_eq!(
            FirstSignIn::compare("nessuno", Some(Some("nessuno"))),
            FirstSignIn::OtherAddress
        );
    }
}
