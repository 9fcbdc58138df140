//! Organisations, municipalities and agencies: a body with a contact and a list of operators.

use domain::{enabling::EnablingKind, fiscal_code::PersonCode, organisation::BasisKind};
use edge::http::form::UNEXPECTED;
use jiff::civil::Date;
use outside::keying::Keying;
use store::enabling::{EnablingForm, LegalRepresentative};

use super::{EnablingBody, NewRequest, operators};

/// On what the operators of a body rely.
struct BasisPart {
    kind: BasisKind,
    /// Kind and date of the protocol, or the number in the register; empty for a municipality.
    reference: String,
    /// Of an organisation alone: who signed form 7.
    legal_representative: Option<LegalRepresentative>,
}

pub(super) fn read(
    form: &mut EnablingBody,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
) -> Option<NewRequest> {
    let organisation_kind = match kind.organisation_kinds() {
        [only] => Some(*only),
        several => match form.organisation_kind() {
            Some(other) if !several.contains(&other) => {
                form.refuse("organisation_kind", "non-valido", UNEXPECTED)
            }
            found => found,
        },
    };
    let name = form.name();
    let fiscal_code = form.fiscal_code();
    let address = form.address();
    let province = form.province();
    let basis = basis(form, kind, keying, today);
    let contact_role = form.contact_role();
    let contact_phone = form.contact_phone();
    let contact_email = form.contact_email();
    let operators = operators::read(form, kind, keying, today);
    let (fiscal_code, basis) = (fiscal_code?, basis?);
    let form = EnablingForm {
        organisation: keying.organisation(&fiscal_code),
        organisation_kind: organisation_kind?,
        name: name?,
        fiscal_code: fiscal_code.reveal().to_owned(),
        address: address?,
        basis: basis.kind,
        reference: basis.reference,
        contact_role: contact_role?,
        contact_phone: contact_phone?,
        contact_email: contact_email?.reveal().to_owned(),
        legal_representative: basis.legal_representative,
        operators: operators?,
    };
    Some(NewRequest { kind, province: province?, form })
}

fn basis(
    form: &mut EnablingBody,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
) -> Option<BasisPart> {
    match kind {
        EnablingKind::Organisation => form_7(form, keying, today),
        EnablingKind::Municipality => Some(BasisPart {
            kind: BasisKind::PublicTask,
            reference: String::new(),
            legal_representative: None,
        }),
        EnablingKind::Agency | EnablingKind::Professional => {
            let number = form.register_number()?;
            Some(BasisPart {
                kind: BasisKind::Register,
                reference: format!("Albo delle agenzie per il lavoro n. {number}"),
                legal_representative: None,
            })
        }
    }
}

/// The protocol and who signed (S18, form 7). The signed document itself comes with the uploads; here it is stated.
fn form_7(form: &mut EnablingBody, keying: &Keying, today: Date) -> Option<BasisPart> {
    let protocol = form.protocol_kind();
    let date = form.protocol_date();
    let date = form.past("protocol_date", date, today);
    let surname = form.representative_surname();
    let name = form.representative_name();
    let birth_date = form.representative_birth_date();
    let birth_date = form.past("representative_birth_date", birth_date, today);
    let fiscal_code = form.representative_fiscal_code();
    if form.signed() == Some(false) {
        form.refuse::<()>(
            "signed",
            "obbligatorio",
            "Il modulo 7 deve essere firmato dal legale rappresentante.",
        );
    }
    let (protocol, date, code) = (protocol?, date?, fiscal_code?);
    Some(BasisPart {
        kind: BasisKind::InteriorProtocol,
        reference: format!("{protocol} del {date}"),
        legal_representative: Some(LegalRepresentative {
            account: keying.account(&PersonCode::from(code.clone())),
            surname: surname?,
            name: name?,
            birth_date: birth_date?.to_string(),
            fiscal_code: code.reveal().to_owned(),
        }),
    })
}
