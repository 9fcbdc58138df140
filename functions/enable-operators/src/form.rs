//! What a request to enable operators says, read with every mistake at once: form 7 with form 8, a municipality's table,
//! or a register's number (ORG-1, ORG-3, ORG-5).

mod body;
mod operators;
mod professional;
mod shape;

use domain::enabling::EnablingKind;
use edge::http::{ApiRequest, Form as _, Problem};
use jiff::civil::Date;
use outside::keying::Keying;
use store::{accounts::Account, enabling::EnablingForm};

pub(crate) use self::shape::EnablingBody;

/// A request that is not stored yet, with the province that decides the office.
#[derive(Debug)]
pub(crate) struct NewRequest {
    pub(crate) kind: EnablingKind,
    pub(crate) province: String,
    pub(crate) form: EnablingForm,
}

impl NewRequest {
    /// Reads the body of the request; `account` is the requester's identity, which a professional's request names.
    pub(crate) fn read(
        http_request: &ApiRequest,
        keying: &Keying,
        account: &Account,
        today: Date,
    ) -> Result<Self, Problem> {
        let mut form: EnablingBody = http_request.form()?;
        let Some(kind) = form.kind() else {
            return form.complete(None);
        };
        let read = match kind {
            EnablingKind::Professional => professional::read(&mut form, keying, account, today),
            EnablingKind::Organisation | EnablingKind::Municipality | EnablingKind::Agency => {
                body::read(&mut form, kind, keying, today)
            }
        };
        form.complete(read)
    }
}
