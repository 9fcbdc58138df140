//! Organisations, municipalities and agencies: a body with a contact and a list of operators.

use domain::{enabling::EnablingKind, fiscal_code::PersonCode, organisation::BasisKind};
use edge::http::Fields;
use jiff::civil::Date;
use outside::keying::Keying;
use store::enabling::{EnablingForm, LegalRepresentative};

use super::{NewRequest, operators};

/// On what the operators of a body rely.
struct BasisPart {
    kind: BasisKind,
    /// Kind and date of the protocol, or the number in the register; empty for a municipality.
    reference: String,
    /// Of an organisation alone: who signed form 7.
    legal_representative: Option<LegalRepresentative>,
}

pub(super) fn read(
    fields: &mut Fields,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
) -> Option<NewRequest> {
    let organisation_kind = match kind.organisation_kinds() {
        [only] => Some(*only),
        several => fields.one_of("organisation_kind", several),
    };
    let name = fields.line("name", 150);
    let fiscal_code = fields.company_code("fiscal_code");
    let address = fields.line("address", 200);
    let province = fields.province("province");
    let basis = basis(fields, kind, keying, today);
    let contact_role = fields.line("contact_role", 100);
    let contact_phone = fields.phone("contact_phone");
    let contact_email = fields.email("contact_email");
    let operators = operators::read(fields, kind, keying, today);
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
    fields: &mut Fields,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
) -> Option<BasisPart> {
    match kind {
        EnablingKind::Organisation => form_7(fields, keying, today),
        EnablingKind::Municipality => Some(BasisPart {
            kind: BasisKind::PublicTask,
            reference: String::new(),
            legal_representative: None,
        }),
        EnablingKind::Agency | EnablingKind::Professional => {
            let number = fields.line("register_number", 40)?;
            Some(BasisPart {
                kind: BasisKind::Register,
                reference: format!("Albo delle agenzie per il lavoro n. {number}"),
                legal_representative: None,
            })
        }
    }
}

/// The protocol and who signed (S18, form 7). The signed document itself comes with the uploads; here it is stated.
fn form_7(fields: &mut Fields, keying: &Keying, today: Date) -> Option<BasisPart> {
    let protocol = fields.line("protocol_kind", 150);
    let date = fields.past_date("protocol_date", today);
    let surname = fields.line("representative_surname", 60);
    let name = fields.line("representative_name", 60);
    let birth_date = fields.past_date("representative_birth_date", today);
    let fiscal_code = fields.final_code("representative_fiscal_code");
    if fields.boolean("signed") == Some(false) {
        fields.refuse::<()>(
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
