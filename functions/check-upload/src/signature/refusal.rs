//! Why a signed file is not accepted: a code for machines, and what the employer reads.

/// What is wrong with an upload. Signatures count from 1, in the order of the file, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    Empty,
    /// Bytes that are allowed at most.
    TooLarge(usize),
    UnknownKind,
    /// The form asks for other formats than those of a contract.
    OtherKindAsked,
    TimeStampedEnvelope,
    Archive,
    BytesBeforePdf,
    DeclaredKindDiffers,
    Damaged,
    NestedTooDeep,
    ContentMissing,
    ContentIsNoPdf,
    PdfUnreadable,
    PictureUnreadable,
    Encrypted,
    ActiveContent,
    NotSigned,
    TooManySignatures,
    UnsupportedSignature(usize),
    UnsupportedAlgorithm(usize),
    BadSignature(usize),
    AttributesNotDer(usize),
    WeakAlgorithm(usize),
    CertificateMissing(usize),
    CertificateMismatch(usize),
    CertificateNotNamed(usize),
    CertificateUnsupported(usize),
    CertificateNotForSigning(usize),
    CertificateExpired(usize),
    CertificateNotTrusted(usize),
    PartlySigned(usize),
    /// Counts time stamps over the whole document, from 1.
    BadTimeStamp(usize),
    ChangedAfterSigning,
    MoreThanSignaturesAdded,
    NotTheSentDocument,
    EmployerMissing,
    WorkerMissing,
    SecondSignerMissing,
    Malware,
}

impl Refusal {
    /// For logs and machines; never changes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge(_) => "too-large",
            Self::UnknownKind => "unknown-kind",
            Self::OtherKindAsked => "other-kind-asked",
            Self::TimeStampedEnvelope => "time-stamped-envelope",
            Self::Archive => "archive",
            Self::BytesBeforePdf => "bytes-before-pdf",
            Self::DeclaredKindDiffers => "declared-kind-differs",
            Self::Damaged => "damaged",
            Self::NestedTooDeep => "nested-too-deep",
            Self::ContentMissing => "content-missing",
            Self::ContentIsNoPdf => "content-is-no-pdf",
            Self::PdfUnreadable => "pdf-unreadable",
            Self::PictureUnreadable => "picture-unreadable",
            Self::Encrypted => "encrypted",
            Self::ActiveContent => "active-content",
            Self::NotSigned => "not-signed",
            Self::TooManySignatures => "too-many-signatures",
            Self::UnsupportedSignature(_) => "unsupported-signature",
            Self::UnsupportedAlgorithm(_) => "unsupported-algorithm",
            Self::BadSignature(_) => "bad-signature",
            Self::AttributesNotDer(_) => "attributes-not-der",
            Self::WeakAlgorithm(_) => "weak-algorithm",
            Self::CertificateMissing(_) => "certificate-missing",
            Self::CertificateMismatch(_) => "certificate-mismatch",
            Self::CertificateNotNamed(_) => "certificate-not-named",
            Self::CertificateUnsupported(_) => "certificate-unsupported",
            Self::CertificateNotForSigning(_) => "certificate-not-for-signing",
            Self::CertificateExpired(_) => "certificate-expired",
            Self::CertificateNotTrusted(_) => "certificate-not-trusted",
            Self::PartlySigned(_) => "partly-signed",
            Self::BadTimeStamp(_) => "bad-time-stamp",
            Self::ChangedAfterSigning => "changed-after-signing",
            Self::MoreThanSignaturesAdded => "more-than-signatures-added",
            Self::NotTheSentDocument => "not-the-sent-document",
            Self::EmployerMissing => "employer-missing",
            Self::WorkerMissing => "worker-missing",
            Self::SecondSignerMissing => "second-signer-missing",
            Self::Malware => "malware",
        }
    }

    /// Whether it can be found in a file of which no signature is asked.
    pub fn is_of_any_file(self) -> bool {
        self <= Self::ActiveContent || self == Self::Malware
    }

    /// What happened and what to do next, where the file is no contract: a document of a form, or one that the office asked
    /// for (DEC-1, FRM-6).
    pub fn text_about_document(self) -> String {
        let text = match self {
            Self::UnknownKind => {
                "Il file non è né un PDF né un file firmato P7M. Salvare il documento in uno di questi due formati, senza comprimerlo, e caricarlo di nuovo."
            }
            Self::Archive => {
                "Il file è anche un archivio compresso (ZIP), e potrebbe contenere altri file. Caricare il solo documento: se non si sa da dove viene l'archivio, farne una nuova scansione."
            }
            Self::NestedTooDeep => {
                "Il file è stato firmato P7M più di tre volte, una dentro l'altra. Caricare il documento con meno firme, oppure senza."
            }
            Self::ContentMissing => {
                "Il file P7M contiene solo la firma e non il documento. Firmare di nuovo, scegliendo di includere il documento nel file firmato."
            }
            Self::ContentIsNoPdf => {
                "Il documento dentro il file firmato non è un PDF. Salvare il documento come PDF, firmarlo e caricarlo di nuovo."
            }
            Self::PdfUnreadable => {
                "Il PDF non si può esaminare perché è danneggiato o scritto in modo insolito. Aprirlo, salvarlo o stamparlo di nuovo come PDF e caricare quello."
            }
            Self::Encrypted => {
                "Il PDF è protetto da password o cifrato. Togliere la protezione e caricarlo di nuovo."
            }
            Self::ActiveContent => {
                "Il PDF contiene programmi, moduli attivi o file allegati, che non sono ammessi. Stampare il documento come PDF, oppure farne una scansione, e caricare quella."
            }
            Self::Malware => {
                "Il controllo antivirus ha trovato un contenuto pericoloso. Controllare il proprio computer: poi rifare il documento da un originale sicuro, per esempio con una nuova scansione, e caricarlo di nuovo."
            }
            _ => return self.text(),
        };
        text.to_owned()
    }

    /// What happened and what to do next.
    #[expect(clippy::too_many_lines, reason = "a table: one text for each refusal")]
    pub fn text(self) -> String {
        let text = match self {
            Self::Empty => {
                "Il file è vuoto. Controllare il file sul proprio computer e caricarlo di nuovo."
            }
            Self::TooLarge(limit) => {
                // Whole megabytes are what a file manager shows.
                return format!(
                    "Il file supera il limite di {} MB. Se è una scansione, rifarla in bianco e nero o con una risoluzione più bassa.",
                    limit / 1_000_000
                );
            }
            Self::UnknownKind => {
                "Il file non è né un PDF né un file firmato P7M. Caricare il contratto firmato in uno di questi due formati, senza comprimerlo."
            }
            Self::OtherKindAsked => {
                "Il file non è di uno dei formati che questo campo accetta (sono scritti accanto al campo). Salvare il documento in uno di quei formati, senza comprimerlo, e caricarlo di nuovo."
            }
            Self::TimeStampedEnvelope => {
                "Il file è una busta di marca temporale (TSD), che il portale non apre. Estrarre con il programma di firma il file firmato che contiene (PDF o P7M) e caricare quello."
            }
            Self::Archive => {
                "Il file è anche un archivio compresso (ZIP), e potrebbe contenere altri file. Caricare il solo PDF o P7M: se non si sa da dove viene l'archivio, ripartire dal contratto scaricato dal portale."
            }
            Self::BytesBeforePdf => {
                "Il PDF non comincia all'inizio del file: prima di «%PDF» ci sono altri dati, che non si possono esaminare. Salvare di nuovo il documento come PDF, firmarlo e caricarlo."
            }
            Self::DeclaredKindDiffers => {
                "Il contenuto del file non corrisponde al tipo dichiarato. Non cambiare a mano l'estensione: caricare il file così come lo ha prodotto il programma di firma."
            }
            Self::Damaged => {
                "Il file firmato è danneggiato o incompleto. Scaricarlo di nuovo dal programma di firma e ricaricarlo."
            }
            Self::NestedTooDeep => {
                "Il file è stato firmato P7M più di tre volte, una dentro l'altra. Ripartire dal contratto scaricato dal portale e aggiungere le firme nello stesso file."
            }
            Self::ContentMissing => {
                "Il file P7M contiene solo la firma e non il contratto. Firmare di nuovo, scegliendo di includere il documento nel file firmato."
            }
            Self::ContentIsNoPdf => {
                "Il documento firmato non è un PDF. Firmare il contratto in PDF scaricato dal portale o la sua scansione in PDF."
            }
            Self::PdfUnreadable => {
                "Il PDF non si può esaminare perché è danneggiato o scritto in modo insolito. Ripartire dal contratto scaricato dal portale; una scansione va salvata di nuovo come PDF."
            }
            Self::PictureUnreadable => {
                "L'immagine è incompleta, danneggiata oppure contiene altri dati oltre alla fotografia. Aprirla, salvarla di nuovo come JPG o PNG e caricarla."
            }
            Self::Encrypted => {
                "Il PDF è protetto da password o cifrato. Togliere la protezione prima di firmarlo."
            }
            Self::ActiveContent => {
                "Il PDF contiene programmi, moduli attivi o file allegati, che non sono ammessi. Ripartire dal contratto scaricato dal portale, senza aggiungere nulla oltre alle firme."
            }
            Self::NotSigned => {
                "Il PDF non contiene alcuna firma digitale. Firmarlo con il proprio programma di firma (PAdES o CAdES) e caricarlo di nuovo; la scansione di una firma a mano va firmata digitalmente dal datore di lavoro."
            }
            Self::TooManySignatures => {
                "Il file contiene troppe firme. Bastano quelle del datore di lavoro e del lavoratore: ripartire dal contratto scaricato dal portale."
            }
            Self::UnsupportedSignature(number) => {
                return of(
                    number,
                    "è di un tipo che il portale non sa verificare: non significa che non sia valida. Firmare di nuovo scegliendo il formato CAdES (file P7M) o PAdES (PDF), livello B, T o LT",
                );
            }
            Self::UnsupportedAlgorithm(number) => {
                return of(
                    number,
                    "usa un algoritmo che il portale non sa verificare: non significa che non sia valida. Firmare di nuovo con un certificato RSA (da 2048 a 8192 bit), ECDSA su curve P-256, P-384 o P-521 oppure Ed25519, e SHA-256, SHA-384 o SHA-512",
                );
            }
            Self::BadSignature(number) => {
                return of(
                    number,
                    "non è integra: il documento o la firma sono stati alterati. Firmare di nuovo il contratto scaricato dal portale e non modificarlo dopo",
                );
            }
            Self::AttributesNotDer(number) => {
                return of(
                    number,
                    "è calcolata in un modo che la norma non ammette (RFC 5652, 5.4: gli attributi si firmano in codifica DER), anche se il documento non risulta cambiato. Firmare di nuovo con un programma di firma aggiornato",
                );
            }
            Self::WeakAlgorithm(number) => {
                return of(
                    number,
                    "usa un algoritmo o una chiave non più sicuri. Firmare di nuovo con un programma di firma aggiornato (SHA-256 e chiave di almeno 2048 bit)",
                );
            }
            Self::CertificateMissing(number) => {
                return of(
                    number,
                    "non contiene il certificato di chi ha firmato. Firmare di nuovo con un programma di firma qualificata",
                );
            }
            Self::CertificateMismatch(number) => {
                return of(
                    number,
                    "indica un certificato diverso da quello che contiene. Firmare di nuovo il contratto",
                );
            }
            Self::CertificateNotNamed(number) => {
                return of(
                    number,
                    "non dice con quale certificato è fatta (manca l'attributo «signing-certificate», che le firme CAdES e PAdES devono avere). Firmare di nuovo scegliendo il formato CAdES o PAdES nel programma di firma",
                );
            }
            Self::CertificateUnsupported(number) => {
                return of(
                    number,
                    "è fatta con un certificato che il portale non sa esaminare, perché ha una forma, un'estensione critica o un algoritmo non previsti: non significa che non sia valida. Firmare di nuovo con un altro certificato di firma, oppure scrivere per PEC allo Sportello Unico",
                );
            }
            Self::CertificateNotForSigning(number) => {
                return of(
                    number,
                    "è fatta con un certificato che non serve a firmare documenti. Usare il certificato di firma, non quello di autenticazione o di cifratura",
                );
            }
            Self::CertificateExpired(number) => {
                return of(
                    number,
                    "è fatta con un certificato scaduto o non ancora valido al momento della firma. Rinnovare il certificato e firmare di nuovo",
                );
            }
            Self::CertificateNotTrusted(number) => {
                return of(
                    number,
                    "è fatta con un certificato che non viene da un prestatore riconosciuto. Usare una firma digitale rilasciata da un prestatore qualificato",
                );
            }
            Self::PartlySigned(number) => {
                return of(
                    number,
                    "non copre tutto il documento. Firmare di nuovo il contratto scaricato dal portale",
                );
            }
            Self::BadTimeStamp(number) => {
                return format!(
                    "La marca temporale n. {number} non corrisponde al documento. Caricare il file firmato com'era prima di aggiungere la marca, oppure marcarlo di nuovo senza modificarlo."
                );
            }
            Self::ChangedAfterSigning => {
                "Il PDF è stato modificato dopo la firma. Ripartire dal contratto scaricato dal portale, firmarlo e non salvarlo più con altri programmi; una scansione va firmata per ultimo dal datore di lavoro."
            }
            Self::MoreThanSignaturesAdded => {
                "Oltre alle firme, nel PDF è stato aggiunto o cambiato altro. Ripartire dal contratto scaricato dal portale e aggiungere solo le firme, senza note né altre modifiche."
            }
            Self::NotTheSentDocument => {
                "Il documento firmato non è il contratto inviato dallo sportello. Scaricare il contratto dal portale e firmare proprio quel file, senza ristamparlo o salvarlo di nuovo; se il lavoratore ha firmato a mano, indicare che si carica una scansione."
            }
            Self::EmployerMissing => {
                "Manca una firma valida del datore di lavoro: nessun certificato valido porta il suo codice fiscale. Deve firmare la persona indicata nella domanda, con un certificato intestato a lei."
            }
            Self::WorkerMissing => {
                "Manca una firma digitale valida del lavoratore: nessun certificato valido porta il suo codice fiscale. Se ha firmato a mano, caricare la scansione firmata digitalmente dal datore di lavoro."
            }
            Self::SecondSignerMissing => {
                "Il contratto risulta firmato da una sola persona. Servono le firme digitali del datore di lavoro e del lavoratore; se il lavoratore ha firmato a mano, indicare che si carica una scansione."
            }
            Self::Malware => {
                "Il controllo antivirus ha trovato un contenuto pericoloso. Controllare il proprio computer, ripartire dal contratto scaricato dal portale e caricarlo di nuovo."
            }
        };
        text.to_owned()
    }
}

fn of(number: usize, what: &str) -> String {
    format!("La firma n. {number} {what}.")
}
