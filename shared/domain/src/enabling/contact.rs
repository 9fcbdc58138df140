//! The contact of an organisation: who may ask for its operators, and who becomes its first contact (ORG-1, ORG-3, ORG-5).

use crate::{ids::OrganisationId, organisation::RowOutcome, permission::Role};

/// How a requester stands to the organisation whose operators are to be enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequesterRelation {
    /// Keeps its list, and may ask for further operators.
    Contact,
    /// Works for another organisation, and may ask for none but that.
    OfAnother,
    /// Works for none, and may ask while the organisation has no contact: at first, or since the first requester
    /// stood in the list or the contact has left. So a professional who left comes back (ORG-5).
    Outsider,
}

impl RequesterRelation {
    /// From role and organisation of the requester's session.
    pub fn of(
        role: Role,
        works_for: Option<&OrganisationId>,
        organisation: &OrganisationId,
    ) -> Self {
        match works_for {
            None => Self::Outsider,
            Some(own) if own == organisation && role == Role::OrganisationContact => Self::Contact,
            Some(_) => Self::OfAnother,
        }
    }
}

/// Who keeps the list of an organisation that is recorded with its first request (ORG-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstContact {
    /// The requester.
    Requester,
    /// Nobody: the requester stands in the list, or belongs to the organisation already.
    Nobody,
    /// The request cannot be granted: its requester works for another organisation by now.
    WorksElsewhere,
}

impl FirstContact {
    /// `is_listed` says whether the requester stands in the list, `outcome` what a row with the requester would become.
    pub const fn of(is_listed: bool, outcome: RowOutcome) -> Self {
        match outcome {
            _ if is_listed => Self::Nobody,
            RowOutcome::Enabled => Self::Requester,
            RowOutcome::OtherOrganisation => Self::WorksElsewhere,
            RowOutcome::AlreadyOperator
            | RowOutcome::InvalidRow
            | RowOutcome::WrongCode
            | RowOutcome::ProvisionalCode
            | RowOutcome::Repeated
            | RowOutcome::IsContact
            | RowOutcome::NeverSignedIn
            | RowOutcome::OtherAddress
            | RowOutcome::NamesDiffer
            | RowOutcome::Declined
            | RowOutcome::NotStored => Self::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_asks_for_the_own_organisation_alone() {
        let (ours, other) =
            (OrganisationId::from_random([1; 16]), OrganisationId::from_random([2; 16]));
        let of = |role, works_for| RequesterRelation::of(role, works_for, &ours);
        assert_eq!(of(Role::OrganisationContact, Some(&ours)), RequesterRelation::Contact);
        assert_eq!(of(Role::OrganisationContact, Some(&other)), RequesterRelation::OfAnother);
        assert_eq!(of(Role::Operator, Some(&ours)), RequesterRelation::OfAnother);
        assert_eq!(of(Role::Employer, None), RequesterRelation::Outsider);
    }

    /// ORG-3: a requester who stands in the own list keeps no list.
    #[test]
    fn the_requester_of_a_new_organisation_keeps_its_list_unless_listed_or_elsewhere() {
        assert_eq!(FirstContact::of(false, RowOutcome::Enabled), FirstContact::Requester);
        let elsewhere = RowOutcome::OtherOrganisation;
        assert_eq!(FirstContact::of(false, elsewhere), FirstContact::WorksElsewhere);
        assert_eq!(FirstContact::of(false, RowOutcome::IsContact), FirstContact::Nobody);
        for outcome in RowOutcome::ALL {
            assert_eq!(FirstContact::of(true, *outcome), FirstContact::Nobody, "{outcome}");
        }
    }
}
