/**
 * Portale dei nulla osta al lavoro
 * 0.1.0
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "/"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {
    server1: "/"
};
export type ConsentView = {
    /** The campaign whose privacy notice was read. */
    campaign: string;
    /** The version of the notice; its text is the public file `/facts/privacy/<campaign>/<version>.json`. */
    privacy_version: string;
    /** When, RFC 3339. */
    at: string;
};
export type AccountView = {
    /** The account, opaque. */
    account: string;
    /** `email` or `identity` (SPID or CIE). */
    kind: string;
    /** First name. */
    given_name: string;
    /** Surname. */
    family_name: string;
    /** Date of birth, where it is known. */
    birth_date?: string | null;
    /** E-mail address. */
    email?: string | null;
    /** Fiscal code, of an account by SPID or CIE. */
    fiscal_code?: string | null;
    consent?: ConsentView | null;
    /** The fields that can be changed here. */
    changeable: string[];
    /** Why the others cannot. */
    note?: string | null;
};
export type FieldProblem = {
    /** The field's name. */
    field: string;
    /** A stable code. */
    code: string;
    /** What to do, in Italian. */
    message: string;
};
export type ProblemDocument = {
    /** `/problemi/<stable name>`. */
    "type": string;
    /** Short Italian title. */
    title: string;
    /** The HTTP status again. */
    status: number;
    /** What happened and what to do next, in Italian. */
    detail: string;
    /** To be quoted to the help desk. */
    request_id: string;
    /** What is wrong with each field. */
    errors?: FieldProblem[] | null;
};
export type AccountChangeBody = {
    /** First name. */
    given_name?: string | null;
    /** Surname. */
    family_name?: string | null;
    /** `YYYY-MM-DD`. */
    birth_date?: string | null;
    /** The new address, typed … */
    email?: string | null;
    /** … twice. It takes effect when its link is opened. */
    email_repeated?: string | null;
    /** The new password, typed … */
    password?: string | null;
    /** … twice. */
    password_repeated?: string | null;
    /** Asked for with a new password or a new address. */
    current_password?: string | null;
};
export type MessageView = {
    /** In Italian. */
    message: string;
};
export type ClosureView = {
    /** Applications that were not sent: they are deleted. */
    drafts: number;
    /** Applications that were sent: they stay with the administration. */
    submitted: number;
    /** In Italian. */
    message: string;
};
export type ClosureBody = {
    /** Must be true. */
    confirm: boolean;
};
export type AddressConfirmationBody = {
    /** What follows `#` in the link. */
    token: string;
};
export type ExportedLink = {
    /** `linked` or `undone`. */
    event: string;
    /** RFC 3339. */
    at: string;
};
export type ExportedFollowed = {
    /** Identifier. */
    application: string;
    /** Whether the account was that of the legal representative. */
    representative: boolean;
    /** Whether it was that of who filed. */
    filer: boolean;
    /** Whether the application counted towards its yearly limit. */
    counted: boolean;
};
export type ExportedLinks = {
    /** That it was linked and that this was undone, in order of time. */
    events: ExportedLink[];
    /** The applications that followed and are not back. */
    followed: ExportedFollowed[];
    /** When the password that is put away while the link holds was chosen, RFC 3339; nobody knows the password itself. */
    kept_password_chosen?: string | null;
};
export type ExportedFormer = {
    /** Personal data. */
    account: AccountView;
    /** For whom the person worked at the old portal. */
    formerly?: object | null;
    /** First sign-in, RFC 3339. */
    created: string;
    /** Last sign-in, RFC 3339. */
    last_sign_in: string;
    /** What is kept of its links. */
    links: ExportedLinks;
};
export type ExportedMembership = {
    /** Role code. */
    role: string;
    /** Profile code. */
    profile: string;
    /** The organisation. */
    organisation?: string | null;
    /** The province. */
    province?: string | null;
    /** RFC 3339. */
    "from": string;
    /** RFC 3339, excluded. */
    until?: string | null;
};
export type ExportedListing = {
    /** The organisation. */
    organisation: string;
    /** Surname as listed. */
    surname: string;
    /** Name as listed. */
    name: string;
    /** Fiscal code as listed. */
    fiscal_code: string;
    /** Address as listed. */
    email?: string | null;
};
export type ExportedRefusal = {
    /** The organisation. */
    organisation: string;
    /** RFC 3339. */
    at: string;
};
export type ExportedAppointment = {
    /** `appointed`, `named-first` or `withdrawn`. */
    event: string;
    /** Role code. */
    role: string;
    /** The province. */
    province?: string | null;
    /** RFC 3339. */
    at: string;
};
export type ExportedEnabling = {
    /** Identifier. */
    id: string;
    /** Stage code. */
    stage: string;
    /** RFC 3339. */
    submitted: string;
    /** The form as it was sent. */
    form: object;
};
export type ExportedFile = {
    /** What it is, as a code. */
    kind: string;
    /** When it was asked for, RFC 3339. */
    asked: string;
    /** SHA-256 of the content in hex, where there is one. */
    sha256?: string | null;
};
export type ExportedEvidence = {
    /** The code of the event that did not take place. */
    what: string;
    /** RFC 3339. */
    at: string;
};
export type ExportedEvent = {
    /** RFC 3339. */
    at: string;
    /** Event code; none when only content changed. */
    event?: string | null;
    /** State code after it. */
    state: string;
};
export type ExportedNotice = {
    /** Kind code. */
    kind: string;
    /** RFC 3339. */
    created: string;
    /** When the provider accepted it, RFC 3339. */
    accepted?: string | null;
};
export type ExportedApplication = {
    /** Identifier. */
    id: string;
    /** The decree. */
    campaign: string;
    /** The model. */
    model: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** RFC 3339. */
    created: string;
    /** RFC 3339. */
    changed: string;
    /** Values of the form by field. */
    values: object;
    /** The preliminary checks, with the version of the privacy notice that was read and when. */
    preliminary?: object | null;
    /** Remarks, corrections that were asked for, reasons of decisions. */
    remarks: object[];
    /** The border entry. */
    entry?: object | null;
    /** The data of the integration agreement. */
    agreement?: object | null;
    /** The documents that the portal made; their files are among those of the application. */
    documents: ExportedFile[];
    /** The files that were sent. */
    uploads: ExportedFile[];
    /** Answers and files that came too late. */
    evidence: ExportedEvidence[];
    /** What happened. */
    history: ExportedEvent[];
    /** What was sent about it. */
    communications: ExportedNotice[];
};
export type ExportView = {
    /** When it was made, RFC 3339. */
    made: string;
    /** Personal data. */
    account: AccountView;
    /** Role code. */
    role: string;
    /** Profile code. */
    profile: string;
    /** The organisation that the person works for. */
    organisation?: string | null;
    /** The province that the person works in. */
    province?: string | null;
    /** When the password was chosen, RFC 3339; the password itself is known to nobody. */
    password_chosen?: string | null;
    /** The former e-mail account's new account, where it was linked. */
    linked_to?: string | null;
    /** For whom the person worked at the old portal. */
    formerly?: object | null;
    /** What is kept of links of this account. */
    links: ExportedLinks;
    /** The person's former accounts that are linked to this one. */
    former_accounts: ExportedFormer[];
    /** First sign-in, RFC 3339. */
    created: string;
    /** Last sign-in, RFC 3339. */
    last_sign_in: string;
    /** Offices and organisations, past ones too. */
    memberships: ExportedMembership[];
    listed_as?: ExportedListing | null;
    /** Organisations for which the person said not to work. */
    refused_organisations: ExportedRefusal[];
    /** Appointments to offices and withdrawals. */
    appointments: ExportedAppointment[];
    /** The own requests to enable operators, with their forms. */
    enabling_requests: ExportedEnabling[];
    /** The own applications. */
    applications: ExportedApplication[];
    /** Whether all of them are here. */
    is_complete: boolean;
};
export type LinkBody = {
    /** First name of the former account. */
    given_name: string;
    /** Surname of the former account. */
    family_name: string;
    /** `YYYY-MM-DD`. */
    birth_date: string;
    /** The former address. */
    email: string;
    /** The identifier of one of its applications. */
    application: string;
    /** For operators: the patronato or association. */
    organisation?: string | null;
    /** For operators: the province's code. */
    province?: string | null;
    /** The former account's password; not needed where `human_check` is the code that was mailed to its address. */
    password?: string | null;
    /** The widget's payload, or the code that was mailed to the address: then it proves that the address is one's own. */
    human_check: string;
};
export type LinkedView = {
    /** How many applications are now under this account. */
    applications: number;
    /** In Italian. */
    message: string;
};
export type UndoBody = {
    /** For the event that is recorded, in 10 to 1,000 characters; no letter repeats it. */
    reason: string;
};
export type UndoneView = {
    /** How many applications belong to the former account again by this request. */
    applications: number;
    /** How many were deleted meanwhile, and stay so. */
    deleted: number;
    /** Whether the same request has to be sent again for the rest. */
    more: boolean;
    /** In Italian. */
    message: string;
};
export type DeclinedView = {
    /** In Italian. */
    message: string;
};
export type RecoveryBody = {
    /** The account's address. */
    email: string;
    /** The widget's payload, or the code that was mailed to the address. */
    human_check: string;
};
export type NewPasswordBody = {
    /** What follows `#` in the link. */
    token: string;
    /** At least 8 characters with a digit, typed … */
    password: string;
    /** … twice. */
    password_repeated: string;
};
export type RegistrationBody = {
    /** First name. */
    given_name: string;
    /** Surname. */
    family_name: string;
    /** `YYYY-MM-DD`. */
    birth_date: string;
    /** The address, typed … */
    email: string;
    /** … twice. */
    email_repeated: string;
    /** At least 8 characters with a digit, typed … */
    password: string;
    /** … twice. */
    password_repeated: string;
    /** Consent to data processing: must be true. */
    consent: boolean;
    /** The campaign whose privacy notice was read … */
    campaign: string;
    /** … and its version, as in the calendar. */
    privacy_version: string;
    /** The widget's payload, or the code that was mailed to the address. */
    human_check: string;
};
export type RegisteredView = {
    /** To be named when another code is asked for. */
    registration: string;
    /** Until when it can be activated, RFC 3339. */
    expires: string;
    /** What happened and what to do, in Italian. */
    message: string;
};
export type AccountActivationBody = {
    /** What follows `#` in the link. */
    token: string;
    /** As typed; spaces, dashes and case do not count. */
    code: string;
};
export type ActivationCodeBody = {
    /** As the registration gave it. */
    registration: string;
};
export type MissingField = {
    /** The field. */
    field: string;
    /** Its Italian label. */
    label: string;
    /** The Italian label of its section: «Cognome» alone could be anybody's. */
    section?: string | null;
};
export type ActionView = {
    /** Stable code. */
    action: string;
    /** As the button reads. */
    label: string;
    /** Where the calendar does not let it happen yet: why, in Italian (CAL-3). The button is a sentence until then. */
    closed?: string | null;
    /** When it can happen, RFC 3339; absent where that is now, or never again. */
    opens_at?: string | null;
};
export type ActivationView = {
    /** Whether a code was issued; false while the preliminary check is queued (CHK-2). */
    sent: boolean;
    /** The fiscal code of the employer for whom it was asked, for who filed or represents. */
    employer_code?: string | null;
    /** The certified mailbox that gets the code, masked: `a…@pec.example.it`. */
    masked_to?: string | null;
    /** Until when the code can be typed, RFC 3339; the instant itself is too late. */
    expires_at?: string | null;
    /** Wrong codes that may still be typed; 0 where a new code is needed. */
    attempts_left?: number | null;
    /** From when on another code can be asked for, RFC 3339; absent where that is now. */
    next_at?: string | null;
    /** The fate of the PEC with the code as people read it, where one application is shown. */
    fate_label?: string | null;
};
export type TermView = {
    /** Its code. */
    kind: string;
    /** What it is for, in Italian. */
    label: string;
    /** Who must act before it ends: `applicant`, `office`, or `portal` where nobody has to. */
    who_acts: string;
    /** First instant, RFC 3339 with Rome's offset. */
    starts_at: string;
    /** First instant at which an answer is late, RFC 3339 with milliseconds and Rome's offset (CNF-2). */
    ends_at: string;
    /** The same after *entro*: `le ore 24:00 di martedì 27 gennaio 2026`. */
    ends_in_words: string;
    /** Milliseconds that are left; 0 when it is over. */
    ms_left: number;
};
export type HoldView = {
    /** Its code. */
    code: string;
    /** What happened and what to do, in Italian, for the reader. */
    text: string;
};
export type EntryView = {
    /** Province of the border point. */
    province: string;
    /** Its municipality. */
    municipality: string;
    /** Day of the entry, `2026-06-01`. */
    date: string;
    /** Number of the visa. */
    visa_number: string;
};
export type RegistrationView = {
    /** Step of the integration agreement, where it applies. */
    agreement?: string | null;
    /** The same as people read it. */
    agreement_label?: string | null;
    entry?: EntryView | null;
};
export type PlaceView = {
    /** Position among the submissions of its model, from 1; it never changes. */
    ordinal: number;
    /** Protocol number. */
    protocol: string;
    /** Whether it has a place; only then the permit can be granted. */
    in_quota: boolean;
    /** The quota line in which it has one; none while it waits for a place. */
    line?: string | null;
    /** The line's name. */
    line_label?: string | null;
    /** Since when it has had the place, RFC 3339. */
    since?: string | null;
    /** Whether the place came later than the position, because another was given up or places were added. */
    moved_up: boolean;
};
export type ApplicationView = {
    /** Opaque identifier. */
    id: string;
    /** The decree. */
    campaign: string;
    /** The model. */
    model: string;
    /** The model's name. */
    model_label?: string | null;
    /** The form schema with its version. */
    schema: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** The step inside *Registrazione dello straniero*. */
    step?: string | null;
    /** Surname and name of the worker, for callers who may see the form. */
    worker?: string | null;
    /** What the employer is called, for callers who may see the form. */
    employer?: string | null;
    /** Completion in percent, while it is filled in. */
    percent?: number | null;
    /** The first missing values, for callers who may see the form. */
    missing: MissingField[];
    /** Why a person should look at it. */
    attention?: string | null;
    /** Registries whose values are still missing, as `inps-later`. */
    waiting_for: string[];
    /** What the caller may do now. */
    allowed: ActionView[];
    /** Version of the head. */
    version: number;
    /** RFC 3339. */
    created: string;
    /** RFC 3339. */
    changed: string;
    /** When the submission arrived, RFC 3339 with milliseconds. */
    arrival?: string | null;
    /** *Codice ricevuta*. */
    receipt_code?: string | null;
    /** SHA-256 of the frozen content. */
    digest?: string | null;
    activation?: ActivationView | null;
    /** Why the section cannot be read now (CAL-2). */
    closed?: string | null;
    /** When the section can be read again. */
    reopens?: string | null;
    term?: TermView | null;
    hold?: HoldView | null;
    registration?: RegistrationView | null;
    place?: PlaceView | null;
    /** The *Sportello Unico* that treats it, where one application is shown that was sent (RNK-1). */
    office?: string | null;
    /** Who filled it in, by role and never by name (NEW-5), where one application is shown: whoever blocks it must know. */
    filed_by?: string | null;
};
export type ApplicationList = {
    /** The rows. */
    applications: ApplicationView[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
    /** What it means that there is nothing, in Italian. */
    message?: string | null;
    /** How many there are in each state, whatever state was searched for; where the caller has more than a thousand
    applications, of those in this part. With the first page of a search alone. */
    counts?: {
        [key: string]: number;
    } | {
        [key: string]: number;
    };
};
export type StartRequest = {
    /** The decree. */
    campaign: string;
    /** The model of the decree. */
    model: string;
    /** That the privacy notice was read; must be true. */
    privacy_ack: boolean;
    /** Which version of it. */
    privacy_version: string;
    /** Whether the company is in the business register; absent for a natural person. */
    ri_registered?: boolean | null;
    /** `natural` or `legal`, only where the model asks. */
    applicant_kind?: ("natural" | "legal") | ("natural" | "legal");
    /** Fiscal code of the applicant or legal representative; a private user may leave it out. */
    applicant_fiscal_code?: string | null;
    /** Fiscal code of the company or body; absent for a natural person. */
    company_fiscal_code?: string | null;
};
export type StartedView = {
    /** Opaque identifier. */
    id: string;
    /** The decree. */
    campaign: string;
    /** The model. */
    model: string;
    /** The form, as in `GET /api/models/{schema}`. */
    schema: string;
    /** State code. */
    state: string;
    /** As people read it. */
    state_label: string;
    /** Whether a code is on its way to the employer's certified address. */
    code_sent: boolean;
    /** Until when the code can be typed, RFC 3339. */
    code_expires_at?: string | null;
    /** What happened and what to do next, in Italian. */
    message: string;
    /** What the caller may do now. */
    actions: ActionView[];
    /** RFC 3339. */
    created: string;
};
export type BlockedBy = {
    /** Stable code, `registry:<name>` for a registry. */
    obstacle: string;
    /** `person`, `registry`, `portal` or `office`. */
    who_acts: string;
    /** What it is and what to do, in Italian. */
    label: string;
    /** How many it holds back. */
    applications: number;
};
export type Totals = {
    /** All that are not deleted. */
    applications: number;
    /** *Da inviare*, and not armed. */
    ready: number;
    /** Of these, those that the caller may send. */
    sendable: number;
    /** *Da inviare (invio prenotato)*: the portal sends them at the opening. */
    armed: number;
    /** Of these, those that the caller may disarm until then. */
    disarmable: number;
    /** Sent, now or earlier. */
    sent: number;
    /** What blocks the others; one application may stand under several. */
    blocked_by: BlockedBy[];
};
export type ObstacleView = {
    /** Stable code, `registry:<name>` for a registry. */
    obstacle: string;
    /** `person`, `registry`, `portal` or `office`. */
    who_acts: string;
    /** What it is and what to do, in Italian. */
    label: string;
    /** Since when, RFC 3339: the first question to a registry, else the last step of the application. */
    since: string;
    /** Whether a registry was asked and did not answer in time. */
    late: boolean;
};
export type ReadinessRow = {
    /** The application. */
    id: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** Surname and name of the worker, for callers who may see the form. */
    worker?: string | null;
    /** What the employer is called, for callers who may see the form. */
    employer?: string | null;
    /** Completion in percent, while it is filled in. */
    percent?: number | null;
    /** The first missing values, for callers who may see the form. */
    missing: MissingField[];
    /** What blocks it. */
    blocked_by: ObstacleView[];
    /** What the caller may do now. */
    allowed: ActionView[];
};
export type ReadinessView = {
    /** Over all of them, or over those of `part`. */
    totals: Totals;
    /** Where the caller has more than a thousand applications: of which part totals and rows are, beginning with 1. The
    pages of one part have the same totals; those of all parts are to be added up. */
    part?: number | null;
    /** Those that are neither ready nor sent, newest first. */
    rows: ReadinessRow[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
};
export type SearchRequest = {
    /** One application. */
    id?: string | null;
    /** How surname or name of the worker begins, whatever its case and accents. */
    worker?: string | null;
    /** How the employer's name begins, or its whole fiscal code. */
    employer?: string | null;
    /** The decree, as in the calendar. */
    campaign?: string | null;
    /** The model, as in the calendar. */
    model?: string | null;
    /** State code. */
    state?: string | null;
    /** Only those that were sent, whatever became of them since, or only those that were not. */
    sent?: boolean | null;
    /** Created on this day in Rome or later. */
    created_from?: string | null;
    /** Created on this day in Rome or earlier. */
    created_until?: string | null;
    /** How many, 20 when not given. */
    limit?: number | null;
    /** Where the page before ended; good for the same search of the same person. */
    cursor?: string | null;
    /** `row` leaves out of each application what a table does not show: the digest, what is missing or awaited, and every null. */
    fields?: "row" | "row";
};
export type ActivationRequest = {
    /** The code from the PEC; spaces, dashes and case do not count. */
    code: string;
};
export type FamilyMemberBody = {
    /** Surname. */
    surname: string;
    /** Name. */
    name: string;
    /** Day of birth. */
    born: string;
    /** What the member is to the worker. */
    relation: "spouse" | "child" | "parent";
};
export type AgreementBody = {
    /** Street and number where the worker lives. */
    street: string;
    /** Its municipality. */
    municipality: string;
    /** Its province, two letters. */
    province: string;
    /** Its postal code, five digits. */
    postal_code: string;
    /** Telephone of the worker. */
    telephone: string;
    /** Members of the family in Italy, at most 20; may be left out. */
    family?: FamilyMemberBody[] | null;
};
export type CaseAfterStep = {
    /** Opaque identifier. */
    id: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** The step inside *Registrazione dello straniero*. */
    step?: string | null;
    /** Step of the integration agreement, where it applies. */
    agreement?: string | null;
    /** The same as people read it. */
    agreement_label?: string | null;
    /** What the caller may do now. */
    allowed: ActionView[];
    /** Version of the head. */
    version: number;
};
export type AnswerRequest = {
    /** What is answered: *Conferma*, *Rinuncia*, *Annulla rinuncia*, *Ritira domanda*, *Trasmetti integrazione*, *Presenta
    osservazioni*. */
    answer: "confirm" | "renounce" | "undo-renunciation" | "withdraw" | "provide-integration" | "object";
    /** That a *rinuncia* is meant: without it nothing is stored, and the answer says until when it could be undone. */
    confirmed?: boolean | null;
    /** The text to the office with an integration or with observations, 10 to 4,000 characters; not with the others. */
    text?: string | null;
};
export type AnswerView = {
    /** Opaque identifier. */
    id: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** The step inside *Registrazione dello straniero*. */
    step?: string | null;
    term?: TermView | null;
    /** What the caller may do now. */
    allowed: ActionView[];
    /** Version of the head. */
    version: number;
};
export type Blockable = "now" | "already" | "no-longer";
export type BlockView = {
    /** Opaque identifier. */
    application: string;
    /** The model. */
    model: string;
    /** The model's name. */
    model_label: string;
    /** When it was begun, RFC 3339. */
    started: string;
    /** The filer's role, in words that name no person. */
    filed_by: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** Whether it can be blocked now. */
    blockable: Blockable;
    /** What this means and what to do, in Italian. */
    message: string;
};
export type AttachmentView = {
    /** The document's code; `signed-receipt` or `calendar-file` for what is none. */
    kind: string;
    /** What it is, in Italian. */
    label: string;
    /** Its version, once it is asked for. */
    version?: number | null;
    /** Whether it is made and can be downloaded. */
    ready: boolean;
    /** Where: of documents for five minutes, of the signed receipt for good; none for a calendar file, which the PEC has. */
    link?: string | null;
};
export type ReceiptEvent = "accepted" | "taken-in-charge" | "delivered" | "failed" | "warning";
export type ReceiptView = {
    /** `accepted`, `taken-in-charge`, `delivered`, `failed` or `warning`. */
    event: ReceiptEvent;
    /** The same in Italian. */
    label: string;
    /** When it happened, by the provider's clock, RFC 3339. */
    at: string;
};
export type NoticeView = {
    /** Kind code. */
    kind: string;
    /** The version of the application that it is about; together with the kind it names the communication. */
    n: number;
    /** What it is, in Italian. */
    label: string;
    /** Its subject, once it was prepared for sending. */
    subject?: string | null;
    /** Its text as it left; codes and signed links stand in the PEC alone. A copy says what its PEC says. */
    text?: string | null;
    /** The address that it went to. */
    to?: string | null;
    /** Whether the employer has still to do what it asks for. */
    unanswered: boolean;
    /** The page of the portal on which to do what it asks for, such as `/domande/…/conferma`. */
    page: string;
    /** `pec` or `mail`. */
    channel: string;
    /** Whether it is the copy for information, by mail to the filer. */
    copy: boolean;
    /** When it came to be, RFC 3339. */
    created: string;
    /** `waiting`, `accepted`, `delivered`, `failed`, or `superseded` where the case had moved on before it left. */
    fate: string;
    /** The same in Italian. */
    fate_label: string;
    /** When the fate was known, RFC 3339. */
    fate_at?: string | null;
    /** When the provider took it, RFC 3339. */
    accepted_at?: string | null;
    /** When the mailbox had it, by the provider's receipt, RFC 3339 (COM-2). */
    delivered_at?: string | null;
    /** When it was known that it does not arrive, RFC 3339. */
    failed_at?: string | null;
    /** Why it does not arrive, in Italian. */
    failure?: string | null;
    /** The reason of the decision, in the officer's words (DEC-1). */
    reason?: string | null;
    /** The documents that go with it. */
    attachments: AttachmentView[];
    /** The certified provider's receipts, in the order in which they came. */
    receipts: ReceiptView[];
};
export type CommunicationView = {
    /** Oldest first. */
    communications: NoticeView[];
    term?: TermView | null;
    hold?: HoldView | null;
    /** The buttons that the caller may press now, such as *Conferma* and *Rinuncia*. */
    allowed: ActionView[];
};
export type DocumentView = {
    /** `contract`, `agreement`, `module-1` …; of an upload what it was for, also `field:<key>`. */
    kind: string;
    /** What it is, in Italian. */
    label: string;
    /** Which one of its kind, where the portal made it: attachments of communications name it so. */
    version?: number | null;
    /** The upload by which it came, where a person sent it. */
    upload?: string | null;
    /** `portal` for what the portal made, `upload` for what was uploaded. */
    "from": string;
    /** When, RFC 3339. */
    at: string;
    /** Whether it can be downloaded already. */
    ready: boolean;
    /** Where to download it for five minutes. */
    link?: string | null;
    /** SHA-256 of the file, in hex. */
    sha256?: string | null;
    /** Length in bytes. */
    bytes?: number | null;
};
export type DocumentList = {
    /** Oldest first. */
    documents: DocumentView[];
    /** What it means that there is nothing, in Italian. */
    message?: string | null;
    /** What the first-entry kit must hold, once modules 1 and 2 are there (MOD-1). */
    kit?: string[];
};
export type AttentionView = {
    /** Stable code. */
    code: string;
    /** What happened and what to do, in Italian. */
    text: string;
};
export type ValueView = {
    /** In its normal form; null where a registry said that it has none. */
    value: any;
    /** `person`, `identity`, `profile`, `start`, `derived`, `upload` or `registry:<name>`. */
    source: string;
    /** When it came, RFC 3339. */
    at: string;
};
export type MissingView = {
    /** The field. */
    field: string;
    /** Its Italian label. */
    label: string;
    /** Who has to act: `person`, `portal` or `registry:<name>` (NEW-2). */
    who: string;
};
export type SectionView = {
    /** The section's key. */
    key: string;
    /** 0 to 100. */
    percent: number;
    /** What is missing in it. */
    missing: MissingView[];
};
export type RegistryView = {
    /** The question's name. */
    task: string;
    /** `waiting`, `done`, `refused` or `silent`. */
    status: string;
    /** How often it was asked. */
    attempts: number;
    /** When it is asked next, RFC 3339; only while it waits. */
    next_at?: string | null;
    /** How it stands, in Italian. */
    text: string;
};
export type NoteView = {
    /** `correction`, `late-values`, `release` or `reason`. */
    kind: string;
    /** The fields that it is about. */
    fields: string[];
    /** In the person's words, or ours. */
    text: string;
    /** When, RFC 3339. */
    at: string;
};
export type DraftView = {
    /** The application. */
    id: string;
    /** The decree. */
    campaign: string;
    /** The model. */
    model: string;
    /** The form, as in `GET /api/models/{schema}`. */
    schema: string;
    /** State code. */
    state: string;
    /** As people read it. */
    state_label: string;
    /** Counts the changes of the application. */
    version: number;
    attention?: AttentionView | null;
    /** The values, by field. */
    values: {
        [key: string]: ValueView;
    };
    /** The version of each section that was saved. */
    versions: {
        [key: string]: number;
    };
    /** 0 to 100; 100 only if nothing is missing and nothing contradicts itself. */
    percent: number;
    /** Each section, in order. */
    sections: SectionView[];
    /** What contradicts itself although it is filled in. */
    errors: FieldProblem[];
    /** What an officer will look at, without keeping the application from being sent. */
    remarks: FieldProblem[];
    /** Questions to registries, answered and not (ENR-2). */
    registries: RegistryView[];
    /** Corrections that were asked for, late values that changed nothing, and why a blocked application goes on. */
    notes: NoteView[];
    /** What the caller may do now. */
    actions: ActionView[];
    /** Where this answers a save: the values that were not saved, and what is wrong with each; all others were (FRM-2). */
    refused?: FieldProblem[];
};
export type ChangeRequest = {
    /** The field's key. */
    field: string;
    /** What it held when the person began; null or absent if it was empty. */
    base?: any;
    /** What it shall hold; null clears it. */
    value: any;
};
export type SaveRequest = {
    /** The fields that changed, each with what it held when the person began. */
    changes: ChangeRequest[];
    /** Whether it is an explicit *Salva*, which the history shows; false when not given. */
    save?: boolean | null;
};
export type CorrectionRequest = {
    /** The field whose value a registry gave. */
    field: string;
    /** What is wrong with it, 5 to 500 characters. */
    note: string;
};
export type CorrectionView = {
    /** The field. */
    field: string;
    /** Whether the registry is asked again now; false where a question to it is under way already. */
    asked_again: boolean;
    /** What happens next, in Italian. */
    message: string;
};
export type EntryBody = {
    /** Province of the border point, two letters. */
    province: string;
    /** Its municipality. */
    municipality: string;
    /** Day of the entry, `2026-06-01`; not in the future, nor before the employer's confirmation. */
    date: string;
    /** Number of the visa, 6 to 20 letters and digits. */
    visa_number: string;
};
export type EventView = {
    /** The version of the application after it. */
    version: number;
    /** Event code; absent for a remark. */
    event?: string | null;
    /** What a person did where it is no event of the lifecycle, such as `hand-over`. */
    action?: string | null;
    /** What happened, in Italian. */
    text: string;
    /** State before. */
    "from"?: string | null;
    /** State after. */
    to: string;
    /** RFC 3339. */
    at: string;
    /** `you`, `office`, `somebody-else`, `certified-mailbox`, `consular-system` or `portal`. */
    who: string;
    /** The same in Italian. */
    who_label: string;
    /** SHA-256 of the frozen content. */
    digest?: string | null;
};
export type HistoryView = {
    /** Oldest first. */
    events: EventView[];
};
export type ReleaseRequest = {
    /** Why the application may go on: what was found, in 10 to 500 characters. The employer and who filed read it. */
    reason: string;
};
export type ReleasedView = {
    /** Opaque identifier. */
    application: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** What happens next, in Italian. */
    message: string;
};
export type UploadReason = {
    /** Stable code. */
    code: string;
    /** The same in Italian; of a refusal, with what to do next. */
    text: string;
};
export type UploadView = {
    /** The upload. */
    upload: string;
    /** `contract`, `agreement`, `integration`, `objection` or `field:<key>`. */
    purpose: string;
    /** What it is, in Italian: of a field, the field's label. */
    label: string;
    /** `awaited`, `accepted`, `refused`, or `expired` when nothing arrived in time. A file for a field is `accepted` once it is
    a value of the draft. */
    state: string;
    /** The same as people read it, with what to do next. */
    message: string;
    /** Why it was refused: all reasons. */
    refusals: UploadReason[];
    /** What was not checked. */
    not_checked: UploadReason[];
    /** When the permission was asked for, RFC 3339. */
    asked: string;
    /** Until when the file can be sent, RFC 3339. */
    until: string;
    /** When the checks were over, RFC 3339. */
    examined?: string | null;
    /** Length in bytes, as declared. */
    bytes: number;
    /** SHA-256, in hex, as declared. */
    sha256: string;
};
export type OpenUpload = {
    /** As a permission is asked for it: `contract`, `agreement`, `integration`, `objection` or `field:<key>`. */
    purpose: string;
    /** What it is, in Italian. */
    label: string;
    /** Most bytes. */
    max_bytes: number;
    /** Media types that a permission may declare. `application/octet-stream` says nothing: the content tells. */
    media_types: string[];
    /** What is taken, in Italian: `PDF o P7M, al massimo 20 MB`. */
    limits: string;
    /** How many permissions can still be asked for now. */
    attempts_left: number;
};
export type UploadList = {
    /** Newest first, at most 50. */
    uploads: UploadView[];
    /** What the caller may upload now; nothing where the application waits for no file. */
    open: OpenUpload[];
    /** What it means that there is nothing, in Italian. */
    message?: string | null;
};
export type UploadBody = {
    /** `contract`, `agreement`, `integration`, `objection` (observations after a notice of reasons against), or
    `field:<key>` for a document that the form of a draft asks for (FRM-6). */
    purpose: string;
    /** `application/pdf`, `application/pkcs7-mime` (`.p7m`) or its older name, or `application/octet-stream`; for a field
    that takes pictures also `image/jpeg` and `image/png`. */
    media_type: "application/pdf" | "application/pkcs7-mime" | "application/x-pkcs7-mime" | "application/octet-stream" | "image/jpeg" | "image/png";
    /** Length in bytes, from 1 to 20971520. */
    bytes: number;
    /** SHA-256 of the file, in hex. */
    sha256: string;
    /** For the contract: `digital`, or `by-hand` with the employer's statement of art. 47 DPR 445/2000 (CTR-2). */
    worker_signature?: ("digital" | "by-hand") | ("digital" | "by-hand");
};
export type HeaderView = {
    /** Its name. */
    name: string;
    /** Its value. */
    value: string;
};
export type PermissionView = {
    /** The upload, to be asked about afterwards. */
    upload: string;
    /** Send the file here by PUT. */
    url: string;
    /** Headers that must be sent exactly so. */
    headers: HeaderView[];
    /** Until when it holds, RFC 3339. */
    until: string;
};
export type ArmedSendsRequest = {
    /** The decree, as in the calendar. */
    campaign: string;
    /** The model, as in the calendar. */
    model: string;
    /** A selection; left out, all that the caller may send and are ready, or all of these that are armed, a hundred at a
    time. */
    applications?: string[] | null;
};
export type ArmedOutcome = "armed" | "already-armed" | "disarmed" | "not-armed" | "not-ready" | "other-model" | "already-sent" | "closed" | "arrived" | "not-found" | "not-allowed" | "unavailable";
export type ProblemInShort = {
    /** `/problemi/<stable name>`. */
    "type": string;
    /** Short Italian title. */
    title: string;
    /** What happened and what to do next, in Italian. */
    detail: string;
};
export type ArmedOutcomeView = {
    /** The application. */
    application: string;
    /** What became of it. */
    outcome: ArmedOutcome;
    /** Since when it is armed, RFC 3339 with milliseconds and Rome's offset; absent where it is not. It says nothing of the
    order: all that is armed arrives at the opening. */
    armed_at?: string | null;
    problem?: ProblemInShort | null;
};
export type ArmedSendsAnswer = {
    /** When the request arrived, by which all of it is judged, on the campaign's clock; RFC 3339 with milliseconds. */
    arrival: string;
    /** The opening at which all that is armed now arrives, by the calendar in force, RFC 3339 with Rome's offset: a
    calendar that moves it moves them. Absent where none is to come. */
    opens_at?: string | null;
    /** One each, in the order asked for; without a selection the oldest application first, and when arming those that were
    armed before come last. */
    outcomes: ArmedOutcomeView[];
    /** Applications that found no room in this request: ask again. */
    remaining: number;
    /** What it means that there was nothing to do, in Italian. */
    message?: string | null;
};
export type CampaignList = {
    /** Their identifiers. */
    campaigns: string[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
};
export type VersionView = {
    /** Its number. */
    version: number;
    /** When it was published, RFC 3339. */
    published: string;
    /** From when it decides, RFC 3339. */
    takes_effect: string;
    /** The same in words. */
    takes_effect_in_words: string;
    /** Until when some requests may still be decided by the version before, RFC 3339; only of an emergency. */
    mixed_until?: string | null;
    /** Whether it decides now. */
    is_in_force: boolean;
    /** The account of who published it; null where it was a command. */
    published_by?: string | null;
};
export type CampaignVersions = {
    /** Identifier. */
    campaign: string;
    /** The newest first, five at most; those that have not taken effect yet are among them. */
    versions: VersionView[];
    /** The newest as a file, to be changed and sent back with the next version. */
    document: string;
};
export type ComparisonBody = {
    /** The whole campaign file, TOML. */
    document: string;
};
export type DifferenceView = {
    /** The key, such as `models[c-stag-agricoltura].submit[0].from`. */
    path: string;
    /** As JSON text; null where it is new. */
    before?: string | null;
    /** As JSON text; null where it goes. */
    after?: string | null;
};
export type ComparisonView = {
    /** The version that was compared with; null where the campaign is new. */
    against?: number | null;
    /** What differs; empty where the campaign is new. */
    differences: DifferenceView[];
    /** Whether all of it is here. */
    is_complete: boolean;
};
export type PublicationBody = {
    /** The whole campaign file, TOML. */
    document: string;
    /** Whether it must count at once and not after five minutes, though some requests are still decided by the version
    before. */
    emergency?: boolean | null;
};
export type PublishedView = VersionView & {
    /** Identifier. */
    campaign: string;
    /** What it changes. */
    comparison: ComparisonView;
};
export type CommunicationRow = {
    /** The application. */
    application: string;
    /** The model's name. */
    model_label?: string | null;
    /** What the employer is called, for callers who may see the form. */
    employer?: string | null;
    /** Surname and name of the worker, for callers who may see the form. */
    worker?: string | null;
    /** State of the application, as people read it. */
    state_label: string;
    /** Kind code. */
    kind: string;
    /** Together with the kind it names the communication. */
    n: number;
    /** What it is, in Italian. */
    label: string;
    /** `pec` or `mail`. */
    channel: string;
    /** When it came to be, RFC 3339. */
    created: string;
    /** `waiting`, `accepted`, `delivered`, `failed` or `superseded`. */
    fate: string;
    /** The same in Italian. */
    fate_label: string;
    /** Whether the employer has still to do what it asks for. */
    unanswered: boolean;
    /** The page of the portal on which to do it. */
    page: string;
};
export type CommunicationList = {
    /** Newest first within a page; the pages begin with the applications that changed last. */
    communications: CommunicationRow[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
    /** What it means that there is nothing, in Italian. */
    message?: string | null;
};
export type ReportRequest = {
    /** The client's own identifier of this report, 8 to 64 of letters, digits, `-` and `_`: repeating it changes nothing. */
    event_id: string;
    /** The application that it is about. */
    application: string;
    /** What happened. */
    report: "checks-concluded" | "visa-issued" | "visa-refused";
    /** When it happened, RFC 3339; not in the future. */
    occurred_at: string;
    /** Number of the visa, 6 to 20 letters and digits; with `visa-issued` alone, and there it must be. */
    visa_number?: string | null;
};
export type ReportedView = {
    /** The client's own identifier of the report. */
    event_id: string;
    /** The application that it is about. */
    application: string;
    /** `recorded` when it moved the case, `no-effect` when it was true already or overtaken. */
    outcome: string;
    /** State code after it. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** When it arrived, RFC 3339. */
    recorded_at: string;
};
export type EnablingSummary = {
    /** Opaque identifier. */
    id: string;
    /** What kind of requester it is, as a code. */
    kind: string;
    /** The same in Italian. */
    kind_label: string;
    /** The body's name. */
    name: string;
    /** Province of the seat. */
    province: string;
    /** Stage code. */
    stage: string;
    /** Stage in Italian, with the name that the office has in the province (ORG-6). */
    stage_label: string;
    /** To be sent back with a decision. */
    version: number;
    /** RFC 3339. */
    submitted: string;
    /** RFC 3339. */
    changed: string;
};
export type EnablingList = {
    /** The rows. */
    requests: EnablingSummary[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
};
export type NamedOperatorBody = {
    /** Surname. */
    surname: string;
    /** Name. */
    name: string;
    /** Civil date. */
    birth_date: string;
    /** Personal address. */
    email: string;
    /** Fiscal code, the final one. */
    fiscal_code: string;
};
export type EnablingBody = {
    /** What kind of request it is. */
    kind: "organisation" | "municipality" | "agency" | "professional";
    /** What the body is, for organisations and municipalities. */
    organisation_kind?: ("patronato" | "trade-association" | "financed-body" | "municipality" | "union" | "agency" | "professional") | ("patronato" | "trade-association" | "financed-body" | "municipality" | "union" | "agency" | "professional");
    /** Its name; absent for a professional. */
    name?: string | null;
    /** Its fiscal code; absent for a professional. */
    fiscal_code?: string | null;
    /** Its seat. */
    address: string;
    /** Province of the seat, two letters. */
    province: string;
    /** Kind of protocol, for an organisation (form 7). */
    protocol_kind?: string | null;
    /** Date of the protocol, for an organisation (form 7). */
    protocol_date?: string | null;
    /** Legal representative, for an organisation (form 7). */
    representative_surname?: string | null;
    /** Legal representative, for an organisation (form 7). */
    representative_name?: string | null;
    /** Legal representative, for an organisation (form 7). */
    representative_birth_date?: string | null;
    /** Legal representative, for an organisation (form 7). */
    representative_fiscal_code?: string | null;
    /** That the legal representative signed form 7, for an organisation; must be true. */
    signed?: boolean | null;
    /** Number in the register, for agencies and professionals. */
    register_number?: string | null;
    /** The profession, for professionals. */
    profession?: ("labour-consultant" | "lawyer" | "accountant") | ("labour-consultant" | "lawyer" | "accountant");
    /** Province of the register, for professionals. */
    register_province?: string | null;
    /** Role of the requester; absent for a professional. */
    contact_role?: string | null;
    /** Telephone of the requester. */
    contact_phone: string;
    /** Where letters about the request go. */
    contact_email: string;
    /** Form 8, or the municipality's table; absent for a professional. At most 20 rows. */
    operators?: NamedOperatorBody[] | null;
};
export type RepresentativeView = {
    /** Surname. */
    surname: string;
    /** Name. */
    name: string;
    /** Civil date. */
    birth_date: string;
    /** Fiscal code. */
    fiscal_code: string;
};
export type NamedOperatorView = {
    /** Surname. */
    surname: string;
    /** Name. */
    name: string;
    /** Civil date. */
    birth_date: string;
    /** Address. */
    email: string;
    /** Fiscal code. */
    fiscal_code: string;
    /** What became of the row, as a code; none before the enabling. */
    outcome?: string | null;
    /** The same in Italian. */
    message?: string | null;
};
export type StepView = {
    /** The version of the request after it. */
    version: number;
    /** The step; none for the sending. */
    step?: string | null;
    /** What happened, in Italian. */
    text: string;
    /** The stage after it, in Italian. */
    to: string;
    /** RFC 3339. */
    at: string;
    /** The office that took it, in Italian; people are not named. */
    office: string;
    /** Whether the caller took it. */
    is_yours: boolean;
    /** Why. */
    reason?: string | null;
};
export type EnablingView = EnablingSummary & {
    /** What the body is, in Italian. */
    organisation_kind: string;
    /** The organisation's identifier. */
    organisation: string;
    /** Its fiscal code. */
    fiscal_code: string;
    /** Its seat. */
    address: string;
    /** On what it relies, in Italian. */
    basis: string;
    /** Protocol, or register and number. */
    reference: string;
    /** Role of the requester. */
    contact_role: string;
    /** Telephone of the requester. */
    contact_phone: string;
    /** Where letters go. */
    contact_email: string;
    legal_representative?: RepresentativeView | null;
    /** The people who are to be enabled. */
    operators: NamedOperatorView[];
    /** Every step, oldest first. */
    events: StepView[];
    /** What the caller may do now. */
    allowed: ActionView[];
};
export type DecisionBody = {
    /** The step that the office takes. */
    decision: "check" | "announce" | "enable" | "refuse";
    /** Why; required for a refusal, 10 to 1000 characters. */
    reason?: string | null;
    /** The version of the request that was decided upon. */
    version: number;
};
export type RequestWithdrawalBody = {
    /** The version of the request that is taken back. */
    version: number;
};
export type FlagView = {
    /** Opaque identifier. */
    application: string;
    /** The decree. */
    campaign: string;
    /** The model. */
    model: string;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** Province of the workplace, or of the employer's seat; absent while the draft does not say where the work is. */
    province?: string | null;
    /** When it was blocked or given up, RFC 3339. */
    blocked_at: string;
    /** `certified-mailbox` (by the link), `representative` (signed in), or `portal` where something was given up. */
    blocked_by: string;
    /** What could not be done for days and is not tried any more, in Italian; absent where the application is blocked. */
    given_up?: string | null;
    /** The account that filed it: opaque, and the same in every application of that account. */
    filer: string;
    /** For whom the filer worked then. */
    organisation?: string | null;
    /** What the caller may do now. */
    allowed: ActionView[];
};
export type FlagList = {
    /** Blocked applications, and those of which something was given up, in the order of province and application. */
    flags: FlagView[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
};
export type Challenge = {
    /** Always `SHA-256`. */
    algorithm: string;
    /** SHA-256 of salt and number, in hexadecimal. */
    challenge: string;
    /** The number is not greater. */
    maxnumber: number;
    /** Random, with the instant (seconds) until which the solution is taken. */
    salt: string;
    /** Ours, over the challenge. */
    signature: string;
};
export type HumanCheckMailBody = {
    /** The address that the following form names, too. */
    email: string;
};
export type ModelView = {
    /** Sections, fields, types, conditions, sources, Italian labels and help, rules. */
    schema: object;
    /** The reference tables that its fields choose from, by name, each row with its validity. */
    tables: object;
    /** Of each field whose rows name a `parent`, the field that holds it. */
    parent_fields: {
        [key: string]: string;
    };
};
export type BoardNoticeView = {
    /** Its own among all notices. */
    id: string;
    /** `avvisi`, `novita` or `leggi`. */
    list: string;
    /** One line. */
    title: string;
    /** Plain text. */
    text: string;
    /** When it was published, RFC 3339. */
    published: string;
    /** A page that says more. */
    link?: string | null;
};
export type PublicDocumentView = {
    /** Its own among all documents. */
    id: string;
    /** One line. */
    title: string;
    /** What it is for. */
    description: string;
    /** Path of its file. */
    url: string;
    /** What people call this version. */
    version: string;
    /** Length of the file. */
    bytes: number;
};
export type MaintenanceView = {
    /** Its first instant, RFC 3339. */
    "from": string;
    /** The first instant after it, RFC 3339. */
    until: string;
    /** What people can and cannot do meanwhile. */
    text: string;
};
export type NoticeBoardView = {
    /** Its number, from 1 on; 0 before the first one. */
    edition: number;
    /** When it was published, RFC 3339. */
    published?: string | null;
    /** The account of who published it. */
    published_by?: string | null;
    /** The notices of the three lists. */
    notices: BoardNoticeView[];
    /** The documents to download. */
    documents: PublicDocumentView[];
    /** Planned maintenance. */
    maintenance: MaintenanceView[];
};
export type NoticeBody = {
    /** Its own among all notices. */
    id: string;
    /** `avvisi`, `novita` or `leggi`. */
    list: "avvisi" | "novita" | "leggi";
    /** One line. */
    title: string;
    /** Plain text, at most 1,000 characters. */
    text: string;
    /** When it was published, RFC 3339; not in the future. */
    published: string;
    /** A page that says more: a path of the portal, or an address that begins with `https://`. */
    link?: string | null;
};
export type DocumentBody = {
    /** Its own among all documents; the same through its versions. */
    id: string;
    /** One line. */
    title: string;
    /** What it is for, at most 1,000 characters. */
    description: string;
    /** Path of its file: `/facts/documents/manuale-1.pdf`. A new version has a file of its own. */
    url: string;
    /** What people call this version. */
    version: string;
};
export type MaintenanceBody = {
    /** Its first instant, RFC 3339. */
    "from": string;
    /** The first instant after it, RFC 3339. */
    until: string;
    /** What people can and cannot do meanwhile, at most 1,000 characters. */
    text: string;
};
export type EditionBody = {
    /** The notices of the three lists, at most 100. */
    notices?: NoticeBody[] | null;
    /** The documents to download, in the order of the page, at most 100. */
    documents?: DocumentBody[] | null;
    /** Planned maintenance, at most 100. */
    maintenance?: MaintenanceBody[] | null;
};
export type DecisionView = {
    /** To be sent as `decision`. */
    decision: string;
    /** As the button reads. */
    label: string;
    /** Whether a reason must be given. */
    needs_reason: boolean;
    /** Whether the version must be given. */
    needs_version: boolean;
};
export type CaseView = {
    /** Opaque identifier. */
    id: string;
    /** The decree. */
    campaign: string;
    /** The model. */
    model: string;
    /** The model's name. */
    model_label?: string | null;
    /** State code. */
    state: string;
    /** State as people read it. */
    state_label: string;
    /** The step inside *Registrazione dello straniero*. */
    step?: string | null;
    /** Version of the head; sent along with a decision it makes sure that no other decision came in between. */
    version: number;
    /** When the submission arrived, RFC 3339. */
    arrival?: string | null;
    /** When the head last changed, RFC 3339. */
    changed: string;
    /** Whole days since the arrival. */
    age_days: number;
    /** Surname and name of the worker. */
    worker?: string | null;
    /** What the employer is called. */
    employer?: string | null;
    term?: TermView | null;
    hold?: HoldView | null;
    place?: PlaceView | null;
    /** Whether a PEC did not arrive and was not sent again since (COM-2). */
    pec_failed: boolean;
    /** The step of the integration agreement, where one applies. */
    agreement?: string | null;
    /** The same as people read it. */
    agreement_label?: string | null;
    /** What the caller may do now. */
    allowed: ActionView[];
    /** What the caller may decide now. */
    decisions: DecisionView[];
};
export type CountView = {
    /** So many, as the list knew a moment ago. */
    cases: number;
    /** Whether there are more than were counted: beyond about a thousand nobody counts on. */
    or_more: boolean;
};
export type CaseList = {
    /** Oldest arrival first. */
    cases: CaseView[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
    /** How many cases the office has in each state, by its code, where they were asked for. */
    counts?: {
        [key: string]: CountView;
    } | {
        [key: string]: CountView;
    };
};
export type RemarkView = {
    /** `reason`, `release`, `correction` or `late-values`. */
    kind: string;
    /** What it is about: an event's code, a field, a registry. */
    about?: string | null;
    /** The same as people read it, where it is an event. */
    about_label?: string | null;
    /** In the author's words; absent where a registry gave values. */
    text?: string | null;
    /** Values that a registry gave too late, as JSON. */
    values?: object | null;
    /** RFC 3339. */
    at: string;
};
export type EvidenceView = {
    /** What: the code of the event that did not take place. */
    what: string;
    /** The same as people read it. */
    label?: string | null;
    /** When it arrived, RFC 3339. */
    at: string;
    /** When the term had ended, RFC 3339. */
    ended_at: string;
    /** The account that tried: opaque. */
    account: string;
};
export type DossierDocument = {
    /** Kind code. */
    kind: string;
    /** What it is, in Italian. */
    label: string;
    /** The version of the case that asked for it. */
    version: number;
    /** When it was asked for, RFC 3339. */
    created: string;
    /** When it was made, RFC 3339; absent while it is in the making. */
    made?: string | null;
    /** Where it can be downloaded, for five minutes. */
    link?: string | null;
    /** SHA-256 of the file, in hex. */
    sha256?: string | null;
};
export type DossierUpload = {
    /** Opaque identifier: that of the upload wherever it is named. */
    id: string;
    /** What the file is meant to be: its code. */
    purpose: string;
    /** The same as people read it. */
    purpose_label: string;
    /** The field of the form that it is for, where the purpose is one. */
    field?: string | null;
    /** What that field is called. */
    field_label?: string | null;
    /** How it stands: its code. */
    state: string;
    /** The same as people read it. */
    state_label: string;
    /** Declared media type. */
    media_type: string;
    /** Declared length in bytes. */
    bytes: number;
    /** How the worker signed, as the employer declared it (CTR-2). */
    worker_signature?: string | null;
    /** When the permission was asked for, RFC 3339: by this the term is judged. */
    asked: string;
    /** When the verdict was recorded, RFC 3339. */
    examined?: string | null;
    /** Why it was refused. */
    refusals: UploadReason[];
    /** What the portal did not check: the officer does. */
    not_checked: UploadReason[];
    /** SHA-256 of the file, in hex. */
    sha256: string;
    /** Where it can be saved, for five minutes. A refused file is there as it came, for a month; one with malware is not. */
    link?: string | null;
};
export type ConsularView = {
    /** What: its code. */
    decision: string;
    /** The same as people read it. */
    label: string;
    /** When it was decided, RFC 3339. */
    at: string;
    /** How often it was tried without an answer. */
    attempts: number;
    /** When it was acknowledged, RFC 3339; absent while it is tried. */
    acknowledged?: string | null;
};
export type DossierNotice = {
    /** Kind code; to be sent as `notice` with `send-again`. */
    kind: string;
    /** What it is, in Italian. */
    label: string;
    /** Whether it is the copy by ordinary mail for the filer. */
    copy: boolean;
    /** When it came to be, RFC 3339. */
    created: string;
    /** `waiting`, `accepted`, `delivered` or `failed`. */
    fate: string;
    /** When that was known, RFC 3339. */
    fate_at?: string | null;
    /** Why it did not arrive: a code. */
    failure?: string | null;
    /** The same as people read it. */
    failure_label?: string | null;
    /** Whether it can be sent anew: it did not arrive, and no later one stands for it. */
    can_be_sent_again: boolean;
};
export type DossierView = {
    /** Its row. */
    "case": CaseView;
    /** Reasons, observations and corrections, oldest first. */
    remarks: RemarkView[];
    /** The employer's attempts that came too late, oldest first (CNF-4). */
    evidence: EvidenceView[];
    /** Documents that the portal made or makes. */
    documents: DossierDocument[];
    /** Files that were uploaded, by their verdict, or while there is none by the request; newest last. */
    uploads: DossierUpload[];
    /** The messages to the consular system, oldest first. */
    consular_messages: ConsularView[];
    /** What was sent, oldest first, with its fate. */
    notices: DossierNotice[];
};
export type DecisionRequest = {
    /** The code of the decision, as the case's row offers it. */
    decision: "take-charge" | "request-integration" | "resume-review" | "announce-refusal" | "grant" | "refuse" | "revoke" | "reopen-case" | "reopen-contract" | "confirm-expiry" | "validate-contract" | "reject-contract" | "generate-agreement" | "validate-agreement" | "reject-agreement" | "issue-modules" | "archive" | "send-again";
    /** Why, or what is asked for, in 10 to 4,000 characters; the row says where it is needed. The employer reads it. */
    reason?: string | null;
    /** The version that the officer saw: when the case has another one by now, nothing is decided. The row says where it is
    needed, because the file that is judged may have been replaced meanwhile. */
    version?: number | null;
    /** For `send-again` alone: the kind of the notice that did not arrive. */
    notice?: string | null;
};
export type OfficialView = {
    /** Opaque identifier, for the withdrawal. */
    account: string;
    /** Fiscal code as the administrator gave it; null of the person whom the deployment named. */
    fiscal_code?: string | null;
    /** Role code. */
    role: string;
    /** Role in Italian. */
    role_label: string;
    /** The province, for officers and prefecture. */
    province?: string | null;
    /** The office under the name that it has there (ORG-6). */
    office: string;
    /** RFC 3339. */
    "from": string;
    /** RFC 3339, excluded. */
    until?: string | null;
    /** Whether the person holds the office now. */
    is_in_force: boolean;
    /** When they were appointed, RFC 3339. */
    appointed: string;
    /** The account of who appointed them; null where it was the deployment. */
    appointed_by?: string | null;
};
export type OfficialList = {
    /** The rows, past ones too. */
    officials: OfficialView[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
};
export type AppointmentBody = {
    /** Whom. */
    fiscal_code: string;
    /** To which office. */
    role: "officer" | "prefecture-officer" | "directorate" | "administrator";
    /** In which province; officers and prefecture alone have one. */
    province?: string | null;
    /** From when, RFC 3339; at once, when it is absent. */
    "from"?: string | null;
    /** Until when, RFC 3339, excluded; without an end, when it is absent. */
    until?: string | null;
};
export type OfficialEventView = {
    /** `appointed`, `named-first` or `withdrawn`. */
    event: string;
    /** Role code. */
    role: string;
    /** The province, where the office has one. */
    province?: string | null;
    /** From when the office holds, or holds no longer, RFC 3339. */
    "from": string;
    /** RFC 3339. */
    at: string;
    /** The account of who brought it about; null where it was the deployment. */
    who?: string | null;
};
export type OfficialDetail = OfficialView & {
    /** What happened, oldest first; at most a hundred. */
    events: OfficialEventView[];
};
export type WithdrawalBody = {
    /** From when the person holds the office no longer, RFC 3339; at once, when it is absent. */
    "from"?: string | null;
};
export type OrganisationBody = {
    /** What it is. */
    kind: "patronato" | "trade-association" | "financed-body" | "municipality" | "union" | "agency";
    /** Its name. */
    name: string;
    /** Its fiscal code. */
    fiscal_code: string;
    /** Its seat. */
    address: string;
    /** Province of the seat. */
    province: string;
    /** On what its operators rely. */
    basis: "labour-protocol" | "reserved-quota" | "reserved-tourism-quota" | "financing" | "interior-protocol" | "public-task" | "register";
    /** Protocol, decree or number. */
    basis_reference: string;
    /** First day on which it holds. */
    basis_from: string;
    /** Last day on which it holds. */
    basis_until?: string | null;
    /** The contact who keeps the list. */
    contact_fiscal_code: string;
    /** The contact's surname. */
    contact_surname: string;
    /** The contact's name. */
    contact_name: string;
    /** The contact's address. */
    contact_email: string;
};
export type OrganisationView = {
    /** Opaque identifier. */
    id: string;
    /** Kind code. */
    kind: string;
    /** Kind in Italian. */
    kind_label: string;
    /** Its name. */
    name: string;
    /** Its fiscal code. */
    fiscal_code: string;
    /** Its seat. */
    address: string;
    /** Province of the seat. */
    province: string;
    /** Basis code. */
    basis: string;
    /** Basis in Italian. */
    basis_label: string;
    /** Protocol, decree, or register with number. */
    basis_reference: string;
    /** RFC 3339. */
    basis_from: string;
    /** RFC 3339, excluded. */
    basis_until?: string | null;
    /** Whether the basis holds now. */
    basis_holds: boolean;
    /** Whether its applications follow the simplified procedure (art. 44 c. 5). */
    is_simplified: boolean;
    /** Whether its seasonal applications count against the reserved quota. */
    has_reserved_quota: boolean;
    /** What the caller may do. */
    allowed: ActionView[];
};
export type HandOverBody = {
    /** The account that filed them. */
    "from": string;
    /** The colleague who goes on. */
    to: string;
    /** Which applications, at most 100; all live ones, when it is absent. */
    applications?: string[] | null;
    /** Where the request before ended (`next`). */
    cursor?: string | null;
};
export type LeftView = {
    /** The application. */
    id: string;
    /** Why, and what to do. */
    message: string;
};
export type HandOverOutcome = {
    /** The applications that the colleague has now. */
    handed_over: string[];
    /** Those that were not handed over, and why. */
    left: LeftView[];
    /** Whether there may be more: then the same is asked again, with `next` as cursor. */
    remaining: boolean;
    /** Where the next request goes on. */
    next?: string | null;
};
export type OperatorView = {
    /** Opaque identifier, for leavings and hand-overs. */
    account: string;
    /** Surname as listed. */
    surname: string;
    /** Name as listed. */
    name: string;
    /** Fiscal code as listed. */
    fiscal_code: string;
    /** Role code. */
    role: string;
    /** Role in Italian. */
    role_label: string;
    /** RFC 3339. */
    "from": string;
    /** RFC 3339, excluded. */
    until?: string | null;
    /** Whether this person works for the organisation now. */
    in_force: boolean;
};
export type OperatorList = {
    /** The rows, past operators too. */
    operators: OperatorView[];
    /** Where the next page begins, if there is one. */
    next?: string | null;
};
export type OperatorBody = {
    /** Fiscal code, the final one. */
    fiscal_code: string;
    /** Surname. */
    surname: string;
    /** Name. */
    name: string;
    /** As the body keeps it. Letters go to the address of the person's own identity alone (ORG-7). */
    email?: string | null;
};
export type OperatorsBody = {
    /** At most 1000 rows; each has an outcome of its own. */
    operators: OperatorBody[];
};
export type RowView = {
    /** Counts from 1. */
    row: number;
    /** The operator's account, where the row is right. */
    account?: string | null;
    /** Outcome code. */
    outcome: string;
    /** What is wrong and what to do, in Italian. */
    message: string;
};
export type OperatorsOutcome = {
    /** How many are operators now. */
    operators: number;
    /** One outcome for each row, in order. */
    rows: RowView[];
};
export type LeavingBody = {
    /** From when, RFC 3339; at once, when it is absent. */
    "from"?: string | null;
};
export type OutageView = {
    /** Opaque identifier. */
    id: string;
    /** First instant, RFC 3339 with milliseconds. */
    "from": string;
    /** First instant after it, RFC 3339 with milliseconds; none where the entry only says that another one is wrong. */
    until?: string | null;
    /** Both for people, in Italian. */
    in_words: string;
    /** Where it stands: `proposed`, `in-force` or `corrected`. */
    state: string;
    /** The same in Italian, with what to do. */
    state_label: string;
    /** The entry that it corrects. */
    corrects?: string | null;
    /** What did not work. */
    reason: string;
    /** When it was recorded, RFC 3339 with milliseconds. */
    recorded: string;
    /** The account that recorded it. */
    by: string;
    /** When a second person confirmed it, RFC 3339 with milliseconds. */
    confirmed?: string | null;
    /** The account that confirmed it. */
    confirmed_by?: string | null;
};
export type OutageList = {
    /** All entries, the latest outage first. */
    outages: OutageView[];
};
export type OutageRequest = {
    /** The first instant at which the portal did not work, RFC 3339, to the millisecond at most. */
    "from"?: string | null;
    /** The first instant at which it worked again, RFC 3339; at most 31 days later, and not in the future. */
    until?: string | null;
    /** What did not work, for the act that employers download, in 10 to 1,000 characters. */
    reason: string;
    /** The entry that this one corrects: with the right period, or without one where the portal did work. */
    corrects?: string | null;
};
export type ServiceView = {
    /** Stable code. */
    service: string;
    /** As people read it. */
    label: string;
    /** Whether it can be used as signed in now. */
    available: boolean;
    /** Why not, and what to do. */
    why?: string | null;
};
export type SessionView = {
    /** The account, opaque. */
    account: string;
    /** 2 or 3 by SPID or CIE, 1 by password, 0 by a password that was switched off (ACC-7). */
    level: number;
    /** Role code (`employer`, `operator` …). */
    role: string;
    /** Profile code (`private`, `organisation` …), which decides the services shown (IDP-3). */
    profile: string;
    /** The organisation that the person works for. */
    organisation?: string | null;
    /** The province that an officer works in. */
    province?: string | null;
    /** As the identity provider gave it, or as typed at the registration. */
    given_name: string;
    /** As the identity provider gave it, or as typed at the registration. */
    family_name: string;
    /** The entries of the personal area, in its order (PER-1). */
    services: ServiceView[];
    /** What the organisation is called. */
    organisation_name?: string | null;
    /** When the session must be refreshed, RFC 3339. */
    expires: string;
    /** When it ends if nobody refreshes it, RFC 3339. */
    rests_until: string;
    /** When it ends however often it is refreshed, RFC 3339. */
    ends_at: string;
    /** The portal's own instant of this answer, RFC 3339 with milliseconds: pages count from it, whatever their clock says. */
    now: string;
};
export type RefreshedView = {
    /** When the session must be refreshed again, RFC 3339. */
    expires: string;
};
export type PasswordSignInBody = {
    /** The account's address. */
    email: string;
    /** The password. */
    password: string;
    /** Asked for after some failures: the widget's payload, or the code that was mailed to the address. */
    human_check?: string | null;
};
export type PasswordSignInView = {
    /** 1, or 0 while passwords are switched off. */
    level: number;
    /** When the session must be refreshed, RFC 3339. */
    expires: string;
};
export type SubmissionRequest = {
    /** The decree, as in the calendar. */
    campaign: string;
    /** The model, as in the calendar. */
    model: string;
    /** The application. */
    application: string;
};
export type SubmissionAnswer = {
    /** What was received, when, with which digest. */
    receipt: any;
    /** Ed25519 over the receipt. */
    signature: string;
};
export type BatchRequest = {
    /** The decree, as in the calendar. */
    campaign: string;
    /** The model, as in the calendar. */
    model: string;
    /** A selection; left out, all ready applications that the caller may send, a hundred at a time. */
    applications?: string[] | null;
    /** The tickets of an earlier answer, by application: each keeps its arrival. */
    arrival_tickets?: {
        [key: string]: string;
    } | {
        [key: string]: string;
    };
};
export type Outcome = "sent" | "already-sent" | "armed" | "not-ready" | "not-found" | "closed" | "not-allowed" | "unavailable";
export type OutcomeView = {
    /** The application. */
    application: string;
    /** What became of it. */
    outcome: Outcome;
    /** The signed receipt, byte for byte as it can be downloaded. */
    receipt?: string | null;
    problem?: ProblemInShort | null;
    /** The client sends it with the retry. */
    arrival_ticket?: string | null;
    /** Until when the ticket may be used, RFC 3339. */
    ticket_until?: string | null;
};
export type BatchAnswer = {
    /** The arrival that all of this request share, but for those with a ticket; RFC 3339 with milliseconds. */
    arrival: string;
    /** One each, in the order asked for; without a selection, what was sent before comes last. */
    outcomes: OutcomeView[];
    /** Ready applications that found no room in this request: press again. */
    remaining: number;
    /** Without a selection: applications that are armed and so left out. The portal sends them (NEW-1). */
    armed: number;
    /** What it means that nothing was sent, in Italian. */
    message?: string | null;
};
/**
 * One's own personal data.
 */
export function readAccount(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AccountView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account", {
        ...opts
    });
}
/**
 * Changes one or more personal data in one step, the password and the address among them.
 */
export function changeAccount(accountChangeBody: AccountChangeBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MessageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account", oazapfts.json({
        ...opts,
        method: "PATCH",
        body: accountChangeBody
    }));
}
/**
 * What closing the account would do, to be shown before the question.
 */
export function announceClosure(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ClosureView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/closure", {
        ...opts
    });
}
/**
 * Closes the account: drafts, password, address and memberships go, sessions end. Repeating it after a failure goes on.
 */
export function closeAccount(closureBody: ClosureBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ClosureView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/closure", oazapfts.json({
        ...opts,
        method: "POST",
        body: closureBody
    }));
}
/**
 * A new address takes effect by the link that was sent to it.
 */
export function confirmAddress(addressConfirmationBody: AddressConfirmationBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MessageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/email-confirmation", oazapfts.json({
        ...opts,
        method: "POST",
        body: addressConfirmationBody
    }));
}
/**
 * All one's own data as a document to be kept.
 */
export function exportAccount(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ExportView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/export", {
        ...opts
    });
}
/**
 * Links a former e-mail account. Whatever is wrong, the refusal is the same.
 */
export function linkAccount(linkBody: LinkBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: LinkedView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/links", oazapfts.json({
        ...opts,
        method: "POST",
        body: linkBody
    }));
}
/**
 * Undoes the link of a former account: its password opens it again, and what followed goes back. Sent again, it goes on.
 */
export function undoLink(account: string, undoBody: UndoBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: UndoneView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/account/links/${encodeURIComponent(account)}/undo`, oazapfts.json({
        ...opts,
        method: "POST",
        body: undoBody
    }));
}
/**
 * The caller does not work for the organisation that lists them: the membership ends at once, and so do the sessions that
 * it gave. Nothing of the person's own changes.
 */
export function declineMembership(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DeclinedView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/membership/refusal", {
        ...opts,
        method: "POST"
    });
}
/**
 * Sends a link to choose a new password, if the address has an account; the answer is the same if not.
 */
export function askRecovery(recoveryBody: RecoveryBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: MessageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/recovery", oazapfts.json({
        ...opts,
        method: "POST",
        body: recoveryBody
    }));
}
/**
 * Replaces the password and ends all sessions; the link is used up.
 */
export function choosePassword(newPasswordBody: NewPasswordBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MessageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/account/recovery/password", oazapfts.json({
        ...opts,
        method: "POST",
        body: newPasswordBody
    }));
}
/**
 * Registers a person by e-mail. The answer is the same whether or not the address has an account.
 */
export function register(registrationBody: RegistrationBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: RegisteredView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/accounts", oazapfts.json({
        ...opts,
        method: "POST",
        body: registrationBody
    }));
}
/**
 * Makes a registration an account: the link of the letter and its code together.
 */
export function activateAccount(accountActivationBody: AccountActivationBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: MessageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/accounts/activation", oazapfts.json({
        ...opts,
        method: "POST",
        body: accountActivationBody
    }));
}
/**
 * Sends another link and code; the former are void. An unknown registration gets the same answer.
 */
export function askAccountCode(activationCodeBody: ActivationCodeBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: MessageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/accounts/activation-codes", oazapfts.json({
        ...opts,
        method: "POST",
        body: activationCodeBody
    }));
}
/**
 * *Riepilogo domande*: the applications of the caller as representative, filer, or colleague of the filer.
 */
export function listApplications({ sort, fields, limit, cursor }: {
    sort?: string;
    fields?: string;
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ApplicationList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications${QS.query(QS.explode({
        sort,
        fields,
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * *Verifica utenza e invia PEC*: creates an application once the registries confirm the person (CHK-1, CHK-2).
 */
export function startApplication(startRequest: StartRequest, { idempotencyKey }: {
    idempotencyKey?: string | null;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: StartedView;
    } | {
        status: 202;
        data: StartedView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/applications", oazapfts.json({
        ...opts,
        method: "POST",
        body: startRequest,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Idempotency-Key": idempotencyKey
        })
    }));
}
/**
 * How ready the caller's applications of one model are; for operators those of their organisation.
 */
export function readReadiness(campaign: string, model: string, { limit, cursor }: {
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ReadinessView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/readiness${QS.query(QS.explode({
        campaign,
        model,
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Searches the caller's applications; for operators those of their organisation. Names and codes travel in the body,
 * since URLs end in many logs.
 */
export function searchApplications(searchRequest: SearchRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ApplicationList;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/applications/search", oazapfts.json({
        ...opts,
        method: "POST",
        body: searchRequest
    }));
}
/**
 * One application, with what may be done with it now.
 */
export function readApplication(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ApplicationView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * *Elimina*: an unsent draft goes with its content; its place in the limit and its worker are free again (LIM-1).
 */
export function deleteDraft(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}`, {
        ...opts,
        method: "DELETE"
    });
}
/**
 * *Verifica codice*: the right code opens the form; five wrong ones spend it, however many come at once (ACT-1).
 */
export function verifyCode(id: string, activationRequest: ActivationRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: StartedView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/activation`, oazapfts.json({
        ...opts,
        method: "POST",
        body: activationRequest
    }));
}
/**
 * Another activation code, at a limited rate; where a queued check was given up, the check again (ACT-1, CHK-2).
 */
export function askNewCode(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: StartedView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/activation-codes`, {
        ...opts,
        method: "POST"
    });
}
/**
 * *Inserisci dati Accordo*: what the integration agreement needs beside the application (AGR-1).
 */
export function enterAgreement(id: string, agreementBody: AgreementBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CaseAfterStep;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/agreement`, oazapfts.json({
        ...opts,
        method: "POST",
        body: agreementBody
    }));
}
/**
 * An answer of the employer. It counts if it arrives before the end of the term; one that arrives at the end is late
 * (CNF-2). The employer may repeat an answer given before.
 */
export function answerApplication(id: string, answerRequest: AnswerRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: AnswerView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/answers`, oazapfts.json({
        ...opts,
        method: "POST",
        body: answerRequest
    }));
}
/**
 * *Non sono stato io* of a representative who is signed in; a password is enough.
 */
export function blockApplication(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BlockView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/block`, {
        ...opts,
        method: "POST"
    });
}
/**
 * What was sent about one application, with its text, address, attachments and fate (COM-1, COM-2).
 */
export function readCommunications(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CommunicationView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/communications`, {
        ...opts
    });
}
/**
 * Every document of an application, with a link that is good for five minutes (COM-1, MOD-1, CNF-4).
 */
export function listDocuments(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DocumentList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/documents`, {
        ...opts
    });
}
/**
 * The draft with its completeness, what is missing and who must act (FRM-2, NEW-2).
 */
export function readDraft(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DraftView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/draft`, {
        ...opts
    });
}
/**
 * *Salva*: stores what changed; a field that another person changed meanwhile is never overwritten: the answer asks
 * about it (FRM-2).
 */
export function saveDraft(id: string, saveRequest: SaveRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DraftView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/draft`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body: saveRequest
    }));
}
/**
 * Asks for the correction of a value that a registry gave: the note stays with the draft, and the registry is asked again
 * (ENR-1). A value from a registry cannot be typed over.
 */
export function askCorrection(id: string, correctionRequest: CorrectionRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: CorrectionView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/draft/corrections`, oazapfts.json({
        ...opts,
        method: "POST",
        body: correctionRequest
    }));
}
/**
 * *Inserisci dati frontiera*: where and when the worker entered, and with which visa; the office sees it (ENT-1).
 */
export function reportEntry(id: string, entryBody: EntryBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CaseAfterStep;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/entry`, oazapfts.json({
        ...opts,
        method: "POST",
        body: entryBody
    }));
}
/**
 * Everything that happened, oldest first (AUD-1).
 */
export function readHistory(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: HistoryView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/history`, {
        ...opts
    });
}
/**
 * The receipt, downloadable for good: the signed document, or a link to the same facts as PDF (SUB-4, SUB-6).
 */
export function downloadReceipt(id: string, { format }: {
    format?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
    } | {
        status: 303;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/receipt${QS.query(QS.explode({
        format
    }))}`, {
        ...opts
    });
}
/**
 * *Sblocca*: an officer of the province, or an administrator, lets a blocked application go on, with the reason.
 */
export function releaseApplication(id: string, releaseRequest: ReleaseRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ReleasedView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/release`, oazapfts.json({
        ...opts,
        method: "POST",
        body: releaseRequest
    }));
}
/**
 * The uploads of an application and what became of each, with what can be uploaded now and how (CTR-1, FRM-6).
 */
export function listUploads(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: UploadList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/uploads`, {
        ...opts
    });
}
/**
 * Permission to put one file of exactly the declared length, type and SHA-256 into quarantine, for some minutes.
 */
export function askUpload(id: string, uploadBody: UploadBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: PermissionView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/uploads`, oazapfts.json({
        ...opts,
        method: "POST",
        body: uploadBody
    }));
}
/**
 * How an upload stands, with every reason of a refusal in plain words (CTR-1).
 */
export function readUpload(id: string, upload: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: UploadView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/applications/${encodeURIComponent(id)}/uploads/${encodeURIComponent(upload)}`, {
        ...opts
    });
}
/**
 * *Prenota invio*: all ready applications of a model that the caller may send, or a selection, go by themselves at the next
 * opening and arrive at it; repeated, it finds them armed.
 */
export function armApplications(armedSendsRequest: ArmedSendsRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ArmedSendsAnswer;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/armed-sends", oazapfts.json({
        ...opts,
        method: "POST",
        body: armedSendsRequest
    }));
}
/**
 * *Annulla invio prenotato*: all that is armed of a model and that the caller may send, or a selection, is *da inviare* again,
 * until its opening; repeated, it finds nothing to undo.
 */
export function disarmApplications(armedSendsRequest: ArmedSendsRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ArmedSendsAnswer;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/armed-sends/cancellations", oazapfts.json({
        ...opts,
        method: "POST",
        body: armedSendsRequest
    }));
}
/**
 * The page behind the link in the message to the certified mailbox. It changes nothing: scanners of mail open every link.
 */
export function readBlockLink(token: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 404;
        data: string;
    } | {
        status: 503;
        data: string;
    }>(`/api/blocks/${encodeURIComponent(token)}`, {
        ...opts
    });
}
/**
 * One press on the page blocks the application; pressing again changes nothing and says the same.
 */
export function blockByLink(token: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: string;
    } | {
        status: 403;
        data: string;
    } | {
        status: 404;
        data: string;
    } | {
        status: 409;
        data: string;
    } | {
        status: 503;
        data: string;
    }>(`/api/blocks/${encodeURIComponent(token)}`, {
        ...opts,
        method: "POST"
    });
}
/**
 * All campaigns, by identifier.
 */
export function listCampaigns({ limit, cursor }: {
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CampaignList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/campaigns${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * The newest versions of a campaign, with the newest as a file; `ETag` holds its number, for `If-Match`.
 */
export function readCampaign(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CampaignVersions;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/campaigns/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Checks a new version and shows what it would change; publishes nothing.
 */
export function compareCampaign(id: string, comparisonBody: ComparisonBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ComparisonView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/campaigns/${encodeURIComponent(id)}/comparison`, oazapfts.json({
        ...opts,
        method: "POST",
        body: comparisonBody
    }));
}
/**
 * Publishes a new version: it takes effect after five minutes, the first one and an emergency at once.
 */
export function publishCampaign(id: string, ifMatch: string, publicationBody: PublicationBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: PublishedView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 412;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 428;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/campaigns/${encodeURIComponent(id)}/versions`, oazapfts.json({
        ...opts,
        method: "POST",
        body: publicationBody,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "If-Match": ifMatch
        })
    }));
}
/**
 * The communications of all of the caller's applications: those that changed last come first, twenty a page (COM-1).
 */
export function listCommunications({ unanswered, cursor }: {
    unanswered?: boolean;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CommunicationList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/communications${QS.query(QS.explode({
        unanswered,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * The consular system reports that its checks are concluded, or what became of the visa.
 */
export function reportConsularEvent(reportRequest: ReportRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ReportedView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/consulate/events", oazapfts.json({
        ...opts,
        method: "POST",
        body: reportRequest
    }));
}
/**
 * One's own requests, or those that wait for one's office.
 */
export function listEnablingRequests({ stage, limit, cursor }: {
    stage?: string;
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EnablingList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/enabling-requests${QS.query(QS.explode({
        stage,
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Asks for the enabling of operators; the same request twice is one.
 */
export function submitEnablingRequest(enablingBody: EnablingBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: EnablingView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/enabling-requests", oazapfts.json({
        ...opts,
        method: "POST",
        body: enablingBody
    }));
}
/**
 * One request with its steps.
 */
export function readEnablingRequest(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EnablingView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/enabling-requests/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * An office takes its step: approves, or refuses with a reason. Nobody takes two steps of one request.
 */
export function decideEnablingRequest(id: string, decisionBody: DecisionBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EnablingView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/enabling-requests/${encodeURIComponent(id)}/decisions`, oazapfts.json({
        ...opts,
        method: "POST",
        body: decisionBody
    }));
}
/**
 * The requester takes a request back before it is decided.
 */
export function withdrawEnablingRequest(id: string, requestWithdrawalBody: RequestWithdrawalBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: EnablingView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/enabling-requests/${encodeURIComponent(id)}/withdrawal`, oazapfts.json({
        ...opts,
        method: "POST",
        body: requestWithdrawalBody
    }));
}
/**
 * Blocked applications that wait for an office, and those of which a document or communication was given up: for officers
 * those of their province, for administrators all.
 */
export function listFlags({ limit, cursor }: {
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: FlagList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/flags${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * A challenge for ALTCHA's widget; its solution is good once, for 20 minutes.
 */
export function humanCheck(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Challenge;
    } | {
        status: 405;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/human-check", {
        ...opts
    });
}
/**
 * Mails a code that replaces the solved challenge in the next form with the same address.
 */
export function mailHumanCheckCode(humanCheckMailBody: HumanCheckMailBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: MessageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/human-check/mail", oazapfts.json({
        ...opts,
        method: "POST",
        body: humanCheckMailBody
    }));
}
/**
 * The form of a model as data; public, and never changed once published (FRM-1).
 */
export function readModel(schema: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: ModelView;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/models/${encodeURIComponent(schema)}`, {
        ...opts
    });
}
/**
 * The newest edition of the notice board; `ETag` holds its number, for `If-Match`. Before the first one it is number 0 and empty.
 */
export function readNoticeBoard(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: NoticeBoardView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/notice-board", {
        ...opts
    });
}
/**
 * Publishes an edition of the notice board in place of the one before: the public files and pages follow within seconds.
 */
export function publishNoticeBoard(ifMatch: string, editionBody: EditionBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: NoticeBoardView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 412;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 428;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/notice-board/editions", oazapfts.json({
        ...opts,
        method: "POST",
        body: editionBody,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "If-Match": ifMatch
        })
    }));
}
/**
 * The cases of the officer's province in one state, oldest arrival first.
 */
export function listOfficeCases({ state, arrivedFrom, arrivedUntil, counts, limit, cursor }: {
    state?: string;
    arrivedFrom?: string;
    arrivedUntil?: string;
    counts?: boolean;
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CaseList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/office/applications${QS.query(QS.explode({
        state,
        arrived_from: arrivedFrom,
        arrived_until: arrivedUntil,
        counts,
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Everything about one case of the officer's province.
 */
export function readOfficeCase(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: DossierView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/office/applications/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * A decision about a case of the officer's province. Repeated by the same officer it changes nothing and answers the
 * same.
 */
export function decideOfficeCase(id: string, decisionRequest: DecisionRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: CaseView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/office/applications/${encodeURIComponent(id)}/decisions`, oazapfts.json({
        ...opts,
        method: "POST",
        body: decisionRequest
    }));
}
/**
 * The people of offices, past ones too; of one province, or of all.
 */
export function listOfficials({ province, limit, cursor }: {
    province?: string;
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OfficialList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/officials${QS.query(QS.explode({
        province,
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * Appoints a person to an office, by fiscal code: recognised at their next sign-in. Repeated, it changes nothing.
 */
export function appointOfficial(appointmentBody: AppointmentBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OfficialView;
    } | {
        status: 201;
        data: OfficialView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/officials", oazapfts.json({
        ...opts,
        method: "POST",
        body: appointmentBody
    }));
}
/**
 * A person of an office with every appointment and withdrawal.
 */
export function readOfficial(account: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OfficialDetail;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/officials/${encodeURIComponent(account)}`, {
        ...opts
    });
}
/**
 * Withdraws a person from their office, at once or from a date on: access and sessions end then. Repeated, it changes
 * nothing.
 */
export function withdrawOfficial(account: string, withdrawalBody: WithdrawalBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OfficialView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/officials/${encodeURIComponent(account)}/withdrawal`, oazapfts.json({
        ...opts,
        method: "POST",
        body: withdrawalBody
    }));
}
/**
 * An administrator records a national body with its basis and its contact; a further contact is added the same way.
 */
export function recordOrganisation(organisationBody: OrganisationBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 201;
        data: OrganisationView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/organisations", oazapfts.json({
        ...opts,
        method: "POST",
        body: organisationBody
    }));
}
/**
 * An organisation with its basis, for its people and for administrators.
 */
export function readOrganisation(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OrganisationView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/organisations/${encodeURIComponent(id)}`, {
        ...opts
    });
}
/**
 * Hands over up to 100 live applications; repeated until `remaining` is false.
 */
export function handOver(id: string, handOverBody: HandOverBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: HandOverOutcome;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/organisations/${encodeURIComponent(id)}/hand-overs`, oazapfts.json({
        ...opts,
        method: "POST",
        body: handOverBody
    }));
}
/**
 * The operators of an organisation, past ones too.
 */
export function listOperators(id: string, { limit, cursor }: {
    limit?: number;
    cursor?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OperatorList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/organisations/${encodeURIComponent(id)}/operators${QS.query(QS.explode({
        limit,
        cursor
    }))}`, {
        ...opts
    });
}
/**
 * The contact sends a list of operators by fiscal code: each row has an outcome of its own, the right ones are enabled
 * and recognised at the next sign-in.
 */
export function addOperators(id: string, operatorsBody: OperatorsBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OperatorsOutcome;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/organisations/${encodeURIComponent(id)}/operators`, oazapfts.json({
        ...opts,
        method: "POST",
        body: operatorsBody
    }));
}
/**
 * The contact reports that an operator leaves, at once or in advance with a date: access ends then, the files stay.
 */
export function reportLeaving(id: string, account: string, leavingBody: LeavingBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OperatorView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/organisations/${encodeURIComponent(id)}/operators/${encodeURIComponent(account)}/leaving`, oazapfts.json({
        ...opts,
        method: "POST",
        body: leavingBody
    }));
}
/**
 * When the portal did not work, the latest outage first; for administrators, and for officers who reopen cases.
 */
export function listOutages(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OutageList;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/outages", {
        ...opts
    });
}
/**
 * Writes an outage into the ledger, or the correction of an entry. It lengthens no term before a second administrator has
 * confirmed it.
 */
export function recordOutage(outageRequest: OutageRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OutageView;
    } | {
        status: 201;
        data: OutageView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/outages", oazapfts.json({
        ...opts,
        method: "POST",
        body: outageRequest
    }));
}
/**
 * A second administrator confirms an entry: from now on it lengthens every term that it touches, whether or not its end
 * was written down; a correction takes the place of what it names. Terms that were lengthened already stay as told.
 */
export function confirmOutage(id: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: OutageView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/outages/${encodeURIComponent(id)}/confirmation`, {
        ...opts,
        method: "POST"
    });
}
/**
 * Who is signed in (PER-1, IDP-3).
 */
export function currentSession(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SessionView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/session", {
        ...opts
    });
}
/**
 * Gives a new access token; the refresh token changes with each use, and one used again later ends the session.
 */
export function refreshSession(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: RefreshedView;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/session/refresh", {
        ...opts,
        method: "POST"
    });
}
/**
 * Ends the session at once and leaves nothing in the browser; saying it twice changes nothing (FRM-5).
 */
export function signOut(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/session/sign-out", {
        ...opts,
        method: "POST"
    });
}
/**
 * Ends all sessions of the person who is signed in, on every device, this one included: for a lost telephone, or a computer
 * that others use (FRM-5).
 */
export function signOutEverywhere(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 204;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/session/sign-out-everywhere", {
        ...opts,
        method: "POST"
    });
}
/**
 * Ends a sign-in: creates or refreshes the account, opens the session, leads to the page where it began (IDP-1, IDP-4).
 */
export function finishSignIn(state: string, { code, error, errorDescription, iss }: {
    code?: string;
    error?: string;
    errorDescription?: string;
    iss?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 303;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/sign-in/callback${QS.query(QS.explode({
        state,
        code,
        error,
        error_description: errorDescription,
        iss
    }))}`, {
        ...opts
    });
}
/**
 * Signs in with an e-mail account. What needs SPID level 2 stays closed (ACC-7).
 */
export function signInWithPassword(passwordSignInBody: PasswordSignInBody, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: PasswordSignInView;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/sign-in/password", oazapfts.json({
        ...opts,
        method: "POST",
        body: passwordSignInBody
    }));
}
/**
 * Begins a sign-in with SPID or CIE and leads to the identity provider (IDP-1).
 */
export function beginSignIn({ level, returnTo }: {
    level?: number;
    returnTo?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 303;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 429;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>(`/api/sign-in/spid${QS.query(QS.explode({
        level,
        return_to: returnTo
    }))}`, {
        ...opts
    });
}
/**
 * Sends one ready application; a repetition gives the same receipt.
 */
export function submitApplication(submissionRequest: SubmissionRequest, { arrivalTicket }: {
    arrivalTicket?: string | null;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: SubmissionAnswer;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 404;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/submissions", oazapfts.json({
        ...opts,
        method: "POST",
        body: submissionRequest,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "Arrival-Ticket": arrivalTicket
        })
    }));
}
/**
 * Sends all ready applications of a model that the caller may send, or a selection; repeated, it gives the same receipts.
 */
export function submitApplications(batchRequest: BatchRequest, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: BatchAnswer;
    } | {
        status: 400;
        data: ProblemDocument;
    } | {
        status: 401;
        data: ProblemDocument;
    } | {
        status: 403;
        data: ProblemDocument;
    } | {
        status: 409;
        data: ProblemDocument;
    } | {
        status: 413;
        data: ProblemDocument;
    } | {
        status: 415;
        data: ProblemDocument;
    } | {
        status: 422;
        data: ProblemDocument;
    } | {
        status: 503;
        data: ProblemDocument;
    }>("/api/submissions/batch", oazapfts.json({
        ...opts,
        method: "POST",
        body: batchRequest
    }));
}
