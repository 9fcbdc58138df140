//! Documents of an ordinary person, and of a person whose every value is hostile.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use make_document::document::{
    Accommodation, Address, AdministrationMark, AgreementData, ContractData, ContractType, Cost,
    Document, Employer, FamilyMember, FiscalCodeData, Heading, KitData, MaritalStatus, Module1Data,
    Module2Data, ModuleEmployer, Outage, Parent, Passport, Period, PermitType, Person, ReceiptData,
    Sex, SuspensionActData, TravelDocument, VisaEntries,
};

/// What no document may trip over.
pub(crate) const HOSTILE: [&str; 12] = [
    r#"#read("/etc/passwd")"#,
    "*bold* _italic_ `raw` $x^2$ @ref <label> = Title",
    r#"]; #panic("gone") [ \ "}"#,
    "DonaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "محمد عبد الرحمن الحسيني",
    "מיכאל בן־דוד",
    "Олександр Ковальчук-Ґ",
    "রহিম উদ্দিন",
    "ਸਿੰਘ गुरप्रीत",
    "A\u{202e}gnp.exe\u{0}\n\r\t\u{feff}\u{e000}\u{10ffff}B",
    "Ngọc Ánh Đặng-Öztürk ÉÇØ Łukasz ﬁ ½ ™ € “x” 'y'",
    "👩‍👩‍👧 🇮🇹 e\u{301}\u{302}\u{323} ⴰ̄ Ꭰ\u{64b} \u{64b}",
];

fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

fn heading(number: &str) -> Heading {
    Heading {
        application: "7K3M-9QXT-2B4D-W8YR".to_owned(),
        number: number.to_owned(),
        date: date(2026, 4, 1),
        office: "Sportello Unico per l'Immigrazione di Latina".to_owned(),
    }
}

fn address(street: &str) -> Address {
    Address {
        street: street.to_owned(),
        number: "12/B".to_owned(),
        postcode: "04100".to_owned(),
        municipality: "Latina".to_owned(),
        province: "LT".to_owned(),
    }
}

pub(crate) fn worker() -> Person {
    Person {
        surname: "SINGH".to_owned(),
        given_names: "GURPREET".to_owned(),
        sex: Some("M".to_owned()),
        birth_date: date(1994, 11, 3),
        birth_place: "Jalandhar".to_owned(),
        birth_country: "India".to_owned(),
        citizenship: "indiana".to_owned(),
        fiscal_code: Some("SNGGPR94S03Z222K".to_owned()),
    }
}

fn representative() -> Person {
    Person {
        surname: "D'AMICO".to_owned(),
        given_names: "MARIA GRAZIA".to_owned(),
        sex: Some("F".to_owned()),
        birth_date: date(1971, 2, 1),
        birth_place: "Sezze (LT)".to_owned(),
        birth_country: "Italia".to_owned(),
        citizenship: "italiana".to_owned(),
        fiscal_code: Some("DMCMGR71B41I712X".to_owned()),
    }
}

fn passport() -> Passport {
    Passport {
        kind: "Passaporto".to_owned(),
        number: "V1234567".to_owned(),
        issued_by: "Regional Passport Office Jalandhar".to_owned(),
        issued_on: date(2021, 6, 15),
        expires_on: date(2031, 6, 14),
    }
}

pub(crate) fn contract() -> ContractData {
    ContractData {
        heading: heading("CS-0001"),
        employer: Employer::Company {
            name: "AZIENDA AGRICOLA AGRO PONTINO S.R.L.".to_owned(),
            fiscal_code: "02345670591".to_owned(),
            vat_number: Some("02345670591".to_owned()),
            inps_number: Some("4901234567".to_owned()),
            seat: address("Strada Migliara 47"),
            pec: "agropontino.amministrazione@pec.agropontino.example.it".to_owned(),
            representative: representative(),
        },
        worker: worker(),
        passport: passport(),
        visa_number: Some("ITA031234567".to_owned()),
        entered_on: Some(date(2026, 3, 28)),
        workplace: address("Strada Migliara 47"),
        collective_agreement: "A011 – Operai agricoli e florovivaisti".to_owned(),
        level: "Area 3".to_owned(),
        duties: "Raccolta di ortaggi in serra e in campo aperto, confezionamento".to_owned(),
        period: Period::Seasonal { from: date(2026, 4, 1), to: date(2026, 10, 31) },
        weekly_hours: 39,
        monthly_pay_cents: 145_050,
        accommodation: Accommodation {
            address: address("Via delle Serre"),
            title: "Casa di proprietà del datore di lavoro".to_owned(),
            suitability: "Attestato del Comune di Latina del 3 marzo 2026".to_owned(),
            monthly_rent_cents: Some(12_000),
        },
    }
}

pub(crate) fn family_contract() -> ContractData {
    ContractData {
        employer: Employer::Person {
            person: representative(),
            residence: address("Via Appia"),
            pec: "mg.damico@pec.example.it".to_owned(),
        },
        period: Period::OpenEnded { from: date(2026, 4, 1) },
        ..contract()
    }
}

/// One ordinary document of each kind, in the order of [`DocumentKind::ALL`].
pub(crate) fn ordinary() -> Vec<Document> {
    let until: Date = date(2026, 12, 31);
    vec![
        Document::Receipt(ReceiptData {
            heading: heading("RI-0001"),
            code: "RCV-4T9K-ZX27-QH3M".to_owned(),
            campaign: "Decreto flussi 2026".to_owned(),
            campaign_version: 3,
            model: "C-STAG agricoltura".to_owned(),
            arrival: at("2026-01-12T08:00:00.123Z"),
            digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            key_id: "flussi-2026-1f0c9b7e".to_owned(),
            signature: "pX3yZ8bQk1Jm0tVh5sWc7nRf2gLd9eAu4oTi6xKzYwPqMvCbNjHrSlGaFdEuIoO0123456789abcdefghijklmn"
                .to_owned(),
            verification_address: "https://portale.example.it/verifica".to_owned(),
        }),
        Document::FiscalCode(FiscalCodeData {
            heading: heading("CF-0001"),
            worker: worker(),
            fiscal_code: "SNGGPR94S03Z222K".to_owned(),
            provisional_code: Some("91012345678".to_owned()),
            assigned_on: date(2026, 3, 30),
        }),
        Document::Contract(contract()),
        Document::Agreement(agreement()),
        Document::Module1(Module1Data {
            heading: heading("M1-0001"),
            questura: "Latina".to_owned(),
            surname: "SINGH".to_owned(),
            given_names: "GURPREET".to_owned(),
            domicile: Some(address("Via delle Serre")),
            permit: PermitType::Seasonal,
            fiscal_code: Some("SNGGPR94S03Z222K".to_owned()),
            marital_status: Some(MaritalStatus::B),
            sex: Some(Sex::M),
            birth_date: date(1994, 11, 3),
            birth_country: "IND".to_owned(),
            citizenship: "IND".to_owned(),
            birth_place: "Jalandhar".to_owned(),
            travel_document: Some(TravelDocument::Passport),
            passport: passport(),
            entered_on: Some(date(2026, 3, 28)),
            frontier: Some("Fiumicino (RM)".to_owned()),
            visa_number: Some("ITA031234567".to_owned()),
            visa_type: Some("D".to_owned()),
            visa_entries: Some(VisaEntries::Single),
            visa_reason: Some("Lavoro subordinato stagionale".to_owned()),
            visa_days: Some(270),
            visa_from: Some(date(2026, 3, 20)),
            visa_to: Some(until),
        }),
        Document::Module2(Module2Data {
            heading: heading("M2-0001"),
            questura: "Latina".to_owned(),
            surname: "SINGH".to_owned(),
            given_names: "GURPREET".to_owned(),
            contract: ContractType::Seasonal,
            months: Some(7),
            days: None,
            duties: "Raccolta di ortaggi".to_owned(),
            employer: ModuleEmployer::Company {
                name: "AZIENDA AGRICOLA AGRO PONTINO S.R.L.".to_owned(),
                fiscal_code: "02345670591".to_owned(),
                vat_number: Some("02345670591".to_owned()),
                inps_number: Some("4901234567".to_owned()),
            },
            prefecture: Some("LT".to_owned()),
            contract_date: Some(date(2026, 4, 2)),
        }),
        Document::Kit(KitData {
            heading: heading("KI-0001"),
            worker: worker(),
            passport: passport(),
            visa_number: "ITA031234567".to_owned(),
            fiscal_code: "SNGGPR94S03Z222K".to_owned(),
            contract_number: "CS-0001".to_owned(),
            agreement_number: Some("AI-0001".to_owned()),
            questura: "Latina".to_owned(),
            immigration_office: "Ufficio Immigrazione".to_owned(),
            sender: Some(address("Via delle Serre")),
            costs: vec![
                Cost { label: "Marca da bollo".to_owned(), cents: 1_600 },
                Cost { label: "Permesso elettronico e contributo".to_owned(), cents: 7_046 },
                Cost { label: "Spedizione (Poste Italiane)".to_owned(), cents: 3_000 },
            ],
        }),
        Document::SuspensionAct(SuspensionActData {
            heading: heading("AS-0001"),
            applicant: "AZIENDA AGRICOLA AGRO PONTINO S.R.L.".to_owned(),
            term: "conferma della richiesta".to_owned(),
            outages: vec![Outage {
                affected: "Intero portale".to_owned(),
                from: at("2026-10-24T22:30:00Z"),
                to: at("2026-10-25T01:30:15Z"),
            }],
            old_end: at("2026-10-25T22:59:59Z"),
            new_end: at("2026-10-26T22:59:59Z"),
        }),
    ]
}

pub(crate) fn agreement() -> AgreementData {
    AgreementData {
        heading: heading("AI-0001"),
        worker: worker(),
        passport: passport(),
        address: address("Via delle Serre"),
        phone: Some("+39 333 1234567".to_owned()),
        email: Some("gurpreet.singh@example.com".to_owned()),
        parents: Vec::new(),
        family: vec![FamilyMember {
            surname: "KAUR".to_owned(),
            given_names: "SIMRAN".to_owned(),
            relation: "coniuge".to_owned(),
            birth_date: date(1996, 1, 20),
            in_italy: false,
        }],
        mark: AdministrationMark {
            office: "Sportello Unico per l'Immigrazione di Latina".to_owned(),
            signed_on: date(2026, 4, 1),
        },
    }
}

#[expect(clippy::too_many_lines, reason = "one value after the other")]
/// One document of each kind with `text` wherever people or registries write.
pub(crate) fn hostile(text: &str) -> Vec<Document> {
    let t = || text.to_owned();
    let o = || Some(text.to_owned());
    let heading =
        || Heading { application: t(), number: t(), date: date(9999, 12, 31), office: t() };
    let address =
        || Address { street: t(), number: t(), postcode: t(), municipality: t(), province: t() };
    let person = || Person {
        surname: t(),
        given_names: t(),
        sex: o(),
        birth_date: date(1900, 1, 1),
        birth_place: t(),
        birth_country: t(),
        citizenship: t(),
        fiscal_code: o(),
    };
    let passport = || Passport {
        kind: t(),
        number: t(),
        issued_by: t(),
        issued_on: date(2021, 6, 15),
        expires_on: date(2031, 6, 14),
    };
    let contract = ContractData {
        heading: heading(),
        employer: Employer::Company {
            name: t(),
            fiscal_code: t(),
            vat_number: o(),
            inps_number: o(),
            seat: address(),
            pec: t(),
            representative: person(),
        },
        worker: person(),
        passport: passport(),
        visa_number: o(),
        entered_on: None,
        workplace: address(),
        collective_agreement: t(),
        level: t(),
        duties: t(),
        period: Period::FixedTerm { from: date(2026, 4, 1), to: date(2027, 4, 1) },
        weekly_hours: u8::MAX,
        monthly_pay_cents: u32::MAX,
        accommodation: Accommodation {
            address: address(),
            title: t(),
            suitability: t(),
            monthly_rent_cents: None,
        },
    };
    vec![
        Document::Contract(ContractData {
            employer: Employer::Person { person: person(), residence: address(), pec: t() },
            ..contract.clone()
        }),
        Document::Contract(contract),
        Document::Agreement(AgreementData {
            heading: heading(),
            worker: person(),
            passport: passport(),
            address: address(),
            phone: o(),
            email: o(),
            parents: vec![
                Parent {
                    surname: t(),
                    given_names: t(),
                    relation: t(),
                    birth_date: date(1980, 1, 1)
                };
                2
            ],
            family: vec![
                FamilyMember {
                    surname: t(),
                    given_names: t(),
                    relation: t(),
                    birth_date: date(2015, 5, 5),
                    in_italy: true,
                };
                3
            ],
            mark: AdministrationMark { office: t(), signed_on: date(2026, 4, 1) },
        }),
        Document::Module1(Module1Data {
            heading: heading(),
            questura: t(),
            surname: t(),
            given_names: t(),
            domicile: Some(address()),
            permit: PermitType::Employed,
            fiscal_code: o(),
            marital_status: None,
            sex: None,
            birth_date: date(1990, 1, 1),
            birth_country: t(),
            citizenship: t(),
            birth_place: t(),
            travel_document: None,
            passport: passport(),
            entered_on: None,
            frontier: o(),
            visa_number: o(),
            visa_type: o(),
            visa_entries: None,
            visa_reason: o(),
            visa_days: None,
            visa_from: None,
            visa_to: None,
        }),
        Document::Module2(Module2Data {
            heading: heading(),
            questura: t(),
            surname: t(),
            given_names: t(),
            contract: ContractType::FixedTerm,
            months: None,
            days: None,
            duties: t(),
            employer: ModuleEmployer::Person {
                surname: t(),
                given_names: t(),
                birth_date: date(1970, 1, 1),
                fiscal_code: t(),
            },
            prefecture: None,
            contract_date: None,
        }),
        Document::Kit(KitData {
            heading: heading(),
            worker: person(),
            passport: passport(),
            visa_number: t(),
            fiscal_code: t(),
            contract_number: t(),
            agreement_number: None,
            questura: t(),
            immigration_office: t(),
            sender: None,
            costs: vec![Cost { label: t(), cents: 5 }],
        }),
        Document::SuspensionAct(SuspensionActData {
            heading: heading(),
            applicant: t(),
            term: t(),
            outages: vec![
                Outage {
                    affected: t(),
                    from: at("2026-02-01T08:00:00Z"),
                    to: at("2026-02-01T09:00:00Z"),
                };
                2
            ],
            old_end: at("2026-02-08T22:59:59Z"),
            new_end: at("2026-02-09T22:59:59Z"),
        }),
        Document::FiscalCode(FiscalCodeData {
            heading: heading(),
            worker: person(),
            fiscal_code: t(),
            provisional_code: o(),
            assigned_on: date(2026, 3, 30),
        }),
        Document::Receipt(ReceiptData {
            heading: heading(),
            code: t(),
            campaign: t(),
            campaign_version: u32::MAX,
            model: t(),
            arrival: at("2026-01-12T08:00:00.123999Z"),
            digest: t(),
            key_id: t(),
            signature: t(),
            verification_address: t(),
        }),
    ]
}
