//! The documents that the portal makes: data in, PDF out (CTR-2, AGR-1, MOD-1, CNF-4).
//!
//! [`render`] is a pure function: it reads no clock, no network, no file and no font of the machine.
//! The same [`Document`] always gives the same bytes, so a document can be made again and compared.
//! The texts stand in `templates/*.typ`, which a lawyer can read; values reach them as JSON strings, never as markup.

mod data;
mod instant;
mod module_209;
mod redacted;
mod render;
mod text;
mod world;

pub use data::{
    Accommodation, Address, AdministrationMark, AgreementData, ContractData, Cost, Employer,
    FamilyMember, FiscalCodeData, Heading, KitData, Outage, Parent, Passport, Period, Person,
    ReceiptData, SuspensionActData,
};
pub use module_209::{
    ContractType, MaritalStatus, Module1Data, Module2Data, ModuleEmployer, PermitType, Sex,
    TravelDocument, VisaEntries,
};
pub use render::{Document, RenderError, render};
