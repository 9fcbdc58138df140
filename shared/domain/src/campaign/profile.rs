//! The profile of a user who files applications.

use crate::coded::coded;

coded! {
    /// Who files, as far as campaign rules tell people apart (IDP-3, LIM-1).
    pub enum Profile as "profile" {
        /// A person acting for the own applications: an employer, or a worker who converts the own permit.
        Private = "private", "Privato";
        /// An operator of a patronato, trade association or financed body (ORG-1, ORG-2).
        Organisation = "organisation", "Organizzazione";
        /// An employment agency, *APL* (ORG-5).
        Agency = "agency", "Agenzia per il lavoro";
        /// A professional of L. 12/1979: labour consultant, lawyer, accountant (ORG-5).
        Professional = "professional", "Professionista";
        /// An operator of a municipality (ORG-3).
        MunicipalOperator = "municipal-operator", "Operatore comunale";
    }
}
