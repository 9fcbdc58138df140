//! Problems: one table from error to status, stable type and Italian text; internals go to the log only.

use http::HeaderValue;
use lambda_http::{Body, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::page::Page;

/// What went wrong, as the citizen may know it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProblemKind {
    /// The body is not JSON that can be read.
    Unreadable,
    /// Fields are missing, unknown or wrong; all are listed.
    InvalidFields,
    /// The body is larger than any form.
    TooLarge,
    /// The content type is not JSON.
    NotJson,
    /// There is no session.
    NoSession,
    /// The session is over.
    SessionOver,
    /// The identity provider refused or answered wrongly.
    SignInRefused,
    /// The identity's level is too low for this (IDP-1).
    LevelTooLow,
    /// The request does not come from our own pages.
    WrongOrigin,
    /// The request came to the gateway itself and not through the portal's address (ADR 11).
    PastTheEdge,
    /// The caller's role may not do this.
    NotAllowed,
    /// It is not there, or not the caller's: the two cannot be told apart.
    NotFound,
    /// The route exists, but not for this method.
    MethodNotAllowed,
    /// The state does not allow the action.
    WrongState,
    /// The campaign's window is closed (CAL-3, SUB-1).
    WindowClosed,
    /// The order of the campaign knows no armed sends (NEW-1).
    ArmingNotOffered,
    /// The opening that an armed send awaits has been (NEW-1).
    OpeningPassed,
    /// It is armed: its content stays as it is, and it goes by itself (NEW-1).
    ArmedSend,
    /// The campaign or its model does not exist.
    NoSuchModel,
    /// Another person changed the same field (FRM-2).
    Conflict,
    /// The yearly limit of applications is reached (LIM-1).
    LimitReached,
    /// The employer has a live application for the same worker (LIM-1).
    WorkerTaken,
    /// The registries do not confirm the representation (CHK-2).
    NotRepresentative,
    /// There is no certified address to send the code to (CHK-2).
    NoCertifiedAddress,
    /// The activation code is wrong (ACT-1).
    WrongCode,
    /// The activation code has expired (ACT-1).
    CodeExpired,
    /// Too many wrong codes (ACT-1).
    CodeExhausted,
    /// The organisation is recorded already; its contact asks (ORG-1).
    OrganisationRecorded,
    /// A request for the same organisation is under way (ORG-1).
    RequestUnderWay,
    /// The request does not say which version its writer has read (ADM-2).
    VersionMissing,
    /// A newer version was published meanwhile (ADM-2).
    VersionSuperseded,
    /// A person of an office is to get another one (ADM-1).
    OtherOffice,
    /// The organisation's basis admits no lists: forms 7 and 8 (ORG-1, ORG-2).
    FormsNeeded,
    /// The basis of the organisation does not hold now (ORG-2).
    BasisEnded,
    /// None of the operators of a request can be enabled (ORG-1).
    NobodyEnabled,
    /// Address or password is wrong (ACC-3).
    WrongCredentials,
    /// A single-use link is unknown, used, over or for something else (ACC-2, ACC-5).
    LinkNotGood,
    /// The address of a registration has become an account meanwhile (ACC-2).
    AccountActive,
    /// The typed data do not prove a former account (IDP-2).
    NotProven,
    /// It arrived when its term was over; the end is excluded (CNF-2).
    TermOver,
    /// A person has time to answer before the office may do this (art. 10-bis L. 241/1990).
    TermRunning,
    /// The application has no place, or lies beyond the quota (RNK-1, DEC-1).
    NotInQuota,
    /// A renunciation is asked for twice (CNF-1).
    RenunciationToConfirm,
    /// A machine's request is not signed as it must be (CNF-1).
    NotSigned,
    /// The consular system speaks of a case that cannot be there yet, or no more (CNF-1).
    ReportOutOfOrder,
    /// Too many requests of this kind; see `retry_after_s`.
    TooMany,
    /// Something we depend on does not answer; nothing was lost.
    Unavailable,
    /// Our own fault.
    Internal,
}

impl ProblemKind {
    /// The table: status, stable type, title, what to do.
    #[rustfmt::skip]
    const fn row(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::Unreadable => (400, "richiesta-illeggibile", "Richiesta non leggibile", "Il contenuto inviato non è JSON valido. Torna alla pagina precedente, ripeti l'operazione e, se continua, rivolgiti all'Help Desk."),
            Self::InvalidFields => (422, "campi-non-validi", "Alcuni campi non sono validi", "Correggi i campi indicati e riprova: nulla è stato modificato."),
            Self::TooLarge => (413, "contenuto-troppo-grande", "Contenuto troppo grande", "Il contenuto supera i 256 KiB ammessi. I documenti si caricano con l'apposita funzione."),
            Self::NotJson => (415, "formato-non-ammesso", "Formato non ammesso", "La richiesta deve avere Content-Type application/json."),
            Self::NoSession => (401, "sessione-assente", "Accesso necessario", "Entra con SPID o CIE e riprova: i dati salvati sono al sicuro."),
            Self::SessionOver => (401, "sessione-scaduta", "Sessione scaduta", "Entra di nuovo con SPID o CIE: i dati salvati sono al sicuro."),
            Self::SignInRefused => (403, "accesso-rifiutato", "Accesso non riuscito", "L'accesso con il gestore di identità non è andato a buon fine. Riprova dall'inizio."),
            Self::LevelTooLow => (403, "livello-insufficiente", "Livello di sicurezza insufficiente", "Per questa operazione serve un'identità SPID di livello 2 o superiore, oppure la CIE. Esci ed entra di nuovo con il livello richiesto."),
            Self::WrongOrigin => (403, "origine-non-ammessa", "Richiesta non ammessa", "La richiesta non proviene dalle pagine del portale. Apri il portale dal suo indirizzo e riprova."),
            Self::PastTheEdge => (403, "accesso-diretto", "Indirizzo non ammesso", "Questo indirizzo non è quello pubblico del portale e non risponde. Apri il portale dal suo indirizzo e riprova."),
            Self::NotAllowed => (403, "azione-non-consentita", "Azione non consentita", "Il tuo profilo non può compiere questa azione. Controlla con quale profilo sei entrato; se dovrebbe essere un altro, rivolgiti all'Help Desk."),
            Self::NotFound => (404, "non-trovata", "Non abbiamo trovato ciò che cerchi", "Forse non esiste più, oppure appartiene a un'altra persona. Torna a «Riepilogo domande»: lì ci sono tutte le domande che puoi aprire."),
            Self::MethodNotAllowed => (405, "metodo-non-ammesso", "Metodo non ammesso", "Questo indirizzo non accetta l'operazione richiesta."),
            Self::WrongState => (409, "stato-non-compatibile", "Lo stato della domanda non lo consente", "Lo stato della domanda è cambiato o non consente questa azione: controllalo nel riepilogo domande."),
            Self::WindowClosed => (409, "finestra-non-aperta", "La finestra non è aperta", "L'azione non è possibile in questo momento. Riprova all'apertura indicata."),
            Self::ArmingNotOffered => (409, "prenotazione-non-prevista", "Invio prenotato non previsto", "Questo decreto non prevede l'invio prenotato: all'apertura premi Invia."),
            Self::OpeningPassed => (409, "apertura-avvenuta", "L'apertura è avvenuta", "L'apertura è avvenuta e la domanda risulta già arrivata: non si può più annullare. Dopo la ricevuta puoi ritirarla."),
            Self::ArmedSend => (409, "invio-prenotato", "L'invio è prenotato", "L'invio è prenotato: la domanda parte da sola all'apertura. Per modificarla, annulla prima la prenotazione."),
            Self::NoSuchModel => (422, "modello-non-previsto", "Modello non previsto", "Il decreto indicato non prevede questo modello di domanda. Scegli un modello dal calendario."),
            Self::Conflict => (409, "modifica-in-conflitto", "Modifica in conflitto", "Gli stessi campi sono stati modificati da un'altra scheda o persona. Scegli quale valore tenere."),
            Self::LimitReached => (409, "limite-raggiunto", "Limite di domande raggiunto", "Hai già il numero massimo di domande per quest'anno. Se elimini una domanda non ancora inviata il posto si libera."),
            Self::WorkerTaken => (409, "lavoratore-gia-richiesto", "Lavoratore già richiesto", "Lo stesso datore di lavoro ha già una domanda attiva per questo lavoratore. Elimina una delle due domande oppure correggi i dati del lavoratore."),
            Self::NotRepresentative => (409, "rappresentanza-non-confermata", "Rappresentanza non confermata", "I registri non confermano che il richiedente rappresenti la società o l'ente indicato. Controlla i codici fiscali; se sono giusti, aggiorna i dati presso il Registro delle Imprese o l'Agenzia delle Entrate e riprova."),
            Self::NoCertifiedAddress => (409, "domicilio-digitale-assente", "Domicilio digitale assente", "Non risulta un indirizzo PEC in INI-PEC o INAD. Registra un domicilio digitale (su INAD per le persone e gli enti non iscritti al Registro delle Imprese) e riprova."),
            Self::WrongCode => (422, "codice-errato", "Codice errato", "Il codice inserito non è quello inviato per PEC. Controllalo e riprova."),
            Self::CodeExpired => (409, "codice-scaduto", "Codice scaduto", "Il codice di attivazione è scaduto. Chiedine uno nuovo."),
            Self::CodeExhausted => (409, "tentativi-esauriti", "Tentativi esauriti", "Troppi codici errati: il codice non è più valido. Chiedine uno nuovo."),
            Self::OrganisationRecorded => (409, "organizzazione-gia-registrata", "Organizzazione già registrata", "Un'organizzazione con questo codice fiscale è già registrata e ha un referente: la richiesta spetta a lui. Se non sai chi è, rivolgiti all'Help Desk."),
            Self::RequestUnderWay => (409, "richiesta-gia-in-corso", "Richiesta già in corso", "Hai già una richiesta in corso per questa organizzazione. Attendi l'esito, oppure ritirala e presentane un'altra."),
            Self::VersionMissing => (428, "versione-non-indicata", "Manca la versione", "L'intestazione If-Match deve indicare il numero della versione letta, per esempio \"3\"; \"0\" per una campagna nuova. Leggi la campagna e riprova."),
            Self::VersionSuperseded => (412, "versione-superata", "C'è una versione più recente", "Nel frattempo è stata pubblicata un'altra versione: rileggila, confronta di nuovo le differenze e riprova. Nulla è stato pubblicato."),
            Self::OtherOffice => (409, "altro-incarico", "Ha già un incarico", "Questa persona ha già un incarico che non è finito: prima toglile quello, poi assegna il nuovo."),
            Self::FormsNeeded => (409, "servono-moduli-7-e-8", "Servono i moduli 7 e 8", "Il titolo registrato per questa organizzazione non consente di trasmettere elenchi: chiedi l'abilitazione degli operatori con i moduli 7 e 8, che passano dalla Prefettura."),
            Self::BasisEnded => (409, "titolo-non-valido", "Titolo non valido", "Il protocollo o il titolo registrato per questa organizzazione non è in vigore: nessun operatore può essere abilitato. Rivolgiti all'amministratore del portale."),
            Self::NobodyEnabled => (409, "nessun-operatore-abilitabile", "Nessun operatore abilitabile", "Nessuno degli operatori indicati può essere abilitato: per ciascuno è indicato il motivo. La richiesta resta in attesa."),
            Self::WrongCredentials => (403, "credenziali-errate", "Accesso non riuscito", "L'indirizzo e-mail o la password non sono corretti. Controllali e riprova, oppure scegli «Password dimenticata»."),
            Self::LinkNotGood => (409, "collegamento-non-valido", "Collegamento non valido", "Il collegamento non è valido, è scaduto o è già stato usato. Chiedine uno nuovo dalla pagina da cui avevi iniziato."),
            Self::AccountActive => (409, "utenza-gia-attiva", "L'utenza è già attiva", "Con questo indirizzo e-mail esiste già un'utenza attiva: entra con la password che hai, oppure scegli «Password dimenticata»."),
            Self::NotProven => (403, "associazione-non-riuscita", "Associazione non riuscita", "I dati indicati non corrispondono a un'utenza precedente da associare. Controllali tutti e riprova; se continua, rivolgiti all'Help Desk."),
            Self::TermOver => (409, "termine-scaduto", "Termine scaduto", "Il termine è scaduto: la risposta non può più essere registrata."),
            Self::TermRunning => (409, "termine-in-corso", "Termine ancora in corso", "Il termine per rispondere non è ancora scaduto: riprova dopo la sua fine."),
            Self::NotInQuota => (409, "non-in-quota", "La domanda non è in quota", "La domanda non ha un posto assegnato, oppure la sua posizione è oltre i posti disponibili: il nulla osta non può essere rilasciato."),
            Self::RenunciationToConfirm => (409, "rinuncia-da-confermare", "Conferma la rinuncia", "La rinuncia archivia la pratica: il lavoratore non potrà entrare con questo nulla osta. Se sei sicuro, conferma la rinuncia; potrai annullarla entro 60 minuti, e comunque non oltre la fine del termine."),
            Self::NotSigned => (401, "richiesta-non-firmata", "Richiesta non firmata", "La richiesta deve portare un token firmato con la chiave registrata, valido e riferito al suo contenuto."),
            Self::ReportOutOfOrder => (409, "segnalazione-fuori-ordine", "Segnalazione fuori ordine", "Lo stato della pratica non ammette ora questa segnalazione: inviala di nuovo più tardi."),
            Self::TooMany => (429, "troppe-richieste", "Troppe richieste", "Attendi prima di riprovare."),
            Self::Unavailable => (503, "servizio-non-disponibile", "Servizio momentaneamente non disponibile", "Riprova tra qualche istante: ciò che era salvato è al sicuro."),
            Self::Internal => (500, "errore-interno", "Errore del portale", "L'errore è nostro, non tuo. Ciò che avevi salvato è al sicuro, e se riprovi nulla viene fatto due volte: riprova tra qualche minuto. Se continua, scrivi all'Help Desk indicando che cosa stavi facendo e, se c'è, il codice che trovi in questo messaggio."),
        }
    }

    /// The stable end of the problem's type.
    pub const fn slug(self) -> &'static str {
        self.row().1
    }

    /// What happened, in a few Italian words.
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.row().0
    }
}

/// So many wrong fields are listed in one answer.
pub const MOST_FIELDS: usize = 100;

/// What is wrong with one field.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// The field's name.
    pub field: String,
    /// A stable code.
    pub code: String,
    /// What to do, in Italian.
    pub message: String,
}

/// A problem document. It can only be built from text meant for the public.
#[derive(Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: Option<Box<str>>,
    fields: Vec<FieldProblem>,
    extra: Map<String, Value>,
    retry_after_s: Option<i64>,
    /// The methods that the path admits.
    allow: Option<Box<HeaderValue>>,
    /// For the log only.
    internal: Option<Box<str>>,
    /// What a person's browser gets instead of the document.
    shown: Option<Box<ShownProblem>>,
}

/// A problem for a browser that shows the answer itself.
#[derive(Debug)]
enum ShownProblem {
    /// As a page.
    Page(Page),
    /// Another page of ours tells it, at this path.
    At(HeaderValue),
}

impl Problem {
    /// A problem with its standard text.
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            detail: None,
            fields: Vec::new(),
            extra: Map::new(),
            retry_after_s: None,
            allow: None,
            internal: None,
            shown: None,
        }
    }

    /// One field, or one parameter of the query, is wrong.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::InvalidFields).fields(vec![FieldProblem {
            field: name.to_owned(),
            code: "non-valido".to_owned(),
            message: message.into(),
        }])
    }

    /// Our own fault: the cause goes to the log, the citizen reads that we failed.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(ProblemKind::Internal).caused_by(error)
    }

    /// Something we depend on did not answer.
    pub fn unavailable(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::new(ProblemKind::Unavailable).caused_by(error).retry_after_s(1)
    }

    /// The cause, for the log only.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        self.internal = Some(outside::log::chain(error).into_boxed_str());
        self
    }

    /// A more precise Italian text.
    #[must_use]
    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail = Some(text.into().into_boxed_str());
        self
    }

    /// The fields that are wrong, all at once; beyond [`MOST_FIELDS`] only how many more there are, so that no request is
    /// answered at many times its own length.
    #[must_use]
    pub fn fields(mut self, mut fields: Vec<FieldProblem>) -> Self {
        let more = fields.len().saturating_sub(MOST_FIELDS);
        if more > 0 {
            fields.truncate(MOST_FIELDS);
            fields.push(FieldProblem {
                field: String::new(),
                code: "altri".to_owned(),
                message: format!(
                    "Altri {more} errori non sono elencati: correggi quelli indicati e riprova."
                ),
            });
        }
        self.fields = fields;
        self
    }

    /// A member of its own (`opens_at`, `conflicts` …).
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// When it makes sense to try again, in seconds.
    #[must_use]
    pub const fn retry_after_s(mut self, seconds: i64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The methods that the path admits, separated by commas, for the header `Allow`.
    #[must_use]
    pub(crate) fn allow(mut self, methods: &str) -> Self {
        self.allow = HeaderValue::from_str(methods).ok().map(Box::new);
        self
    }

    /// The same problem as a page, for people who came by a link.
    #[must_use]
    pub fn as_page(mut self, page: Page) -> Self {
        self.shown = Some(Box::new(ShownProblem::Page(page)));
        self
    }

    /// The same problem for a person whose browser shows the answer itself, as after a link or a return from another site:
    /// the browser is led to a page of ours that tells it. The path must be plain ASCII.
    #[must_use]
    pub fn leading_to(mut self, path: &str) -> Self {
        let path = HeaderValue::from_str(path).ok();
        self.shown = path.map(|path| Box::new(ShownProblem::At(path)));
        self
    }

    /// The stable word for it: the member `reason` where there is one, else the end of its type.
    pub fn reason(&self) -> &str {
        self.extra.get("reason").and_then(Value::as_str).unwrap_or_else(|| self.kind.slug())
    }

    /// What happened and what to do next, in Italian.
    pub fn text(&self) -> &str {
        self.detail.as_deref().unwrap_or(self.kind.row().3)
    }

    /// What kind it is.
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The problem in short, for one outcome among many in one answer.
    pub fn summary(&self) -> ProblemInShort {
        let (_, slug, title, _) = self.kind.row();
        ProblemInShort {
            r#type: format!("/problemi/{slug}"),
            title,
            detail: self.text().to_owned(),
        }
    }

    pub(super) fn log(&self, request_id: &str) {
        if let Some(cause) = &self.internal {
            tracing::error!(
                request.id = request_id,
                cause = &**cause,
                kind = self.kind.slug(),
                "request failed"
            );
        }
    }

    pub(crate) fn into_response(mut self, request_id: &str) -> Response<Body> {
        let (status, slug, title, standard) = self.kind.row();
        let page = match self.shown.take().map(|shown| *shown) {
            Some(ShownProblem::At(path)) => return leading(path),
            Some(ShownProblem::Page(page)) => Some(page),
            None => None,
        };
        let mut document = Map::new();
        document.insert("type".to_owned(), format!("/problemi/{slug}").into());
        document.insert("title".to_owned(), title.into());
        document.insert("status".to_owned(), status.into());
        document.insert(
            "detail".to_owned(),
            self.detail.map_or_else(|| standard.to_owned(), String::from).into(),
        );
        document.insert("request_id".to_owned(), request_id.into());
        if !self.fields.is_empty() {
            document.insert(
                "errors".to_owned(),
                serde_json::to_value(&self.fields).unwrap_or_default(),
            );
        }
        if let Some(seconds) = self.retry_after_s {
            document.insert("retry_after_s".to_owned(), seconds.into());
        }
        document.extend(self.extra);
        let body = match &page {
            Some(page) => page.body(),
            None => Body::Text(Value::Object(document).to_string()),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            "content-type",
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        if let Some(page) = &page {
            page.protect(headers);
        }
        if let Some(methods) = self.allow {
            headers.insert("allow", *methods);
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert("retry-after", HeaderValue::from(seconds));
        }
        response
    }
}

/// Leads a browser to a page of ours.
fn leading(path: HeaderValue) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = http::StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert("location", path);
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// Why one of many did not succeed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemInShort {
    /// `/problemi/<stable name>`.
    pub r#type: String,
    /// Short Italian title.
    pub title: &'static str,
    /// What happened and what to do next, in Italian.
    pub detail: String,
}

/// The shape of a problem document, for the API's description.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// `/problemi/<stable name>`.
    pub r#type: String,
    /// Short Italian title.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// What happened and what to do next, in Italian.
    pub detail: String,
    /// To be quoted to the help desk.
    pub request_id: String,
    /// What is wrong with each field.
    pub errors: Option<Vec<FieldProblem>>,
}
