// The texts of the pages about the models.

/** What is written about each model by hand; its questions come from the form itself. */
export const texts = {
  title: "Modelli di domanda",
  lead: "Scegli il modello secondo il lavoro che offri. In ogni pagina trovi le domande del modulo, da dove arrivano i dati e che cosa preparare.",
  open: "Che cosa serve",
  offQuotaTitle: "Conversioni e progetti speciali",
  offQuota: "Le conversioni del permesso di soggiorno e i progetti speciali sono fuori quota e non hanno click day. Nel [calendario](/calendario) trovi se si possono già compilare da qui.",
  crumb: "Modelli",
  forWhom: "Per chi è",
  address: "Indirizzo PEC",
  papers: "Che cosa preparare",
  sources: "Chi dà i dati",
  sourcesText: "Alcuni dati arrivano dai registri pubblici: li controlli, ma non devi scriverli.",
  counts: (you: number, now: number, later: number) =>
    `Su ${you + now + later} dati: ${you} li scrivi tu, ${now} arrivano subito dai registri, ${later} arrivano entro qualche giorno.`,
  questions: "Le domande del modulo",
  questionsHelp: "Apri una sezione per vedere che cosa chiede.",
  fieldColumn: "Dato",
  fromColumn: "Da dove arriva",
  neededColumn: "Obbligatorio",
  needed: { always: "Sì", sometimes: "In alcuni casi", no: "No" },
  from: { you: "Lo scrivi tu", start: "Dalle verifiche preliminari", derived: "Lo calcola il portale", file: "Documento da caricare" },
  registryNow: (names: string) => `${names}, subito`,
  registryLater: (names: string) => `${names}, entro qualche giorno`,
  or: " o ",
  begin: "Per iniziare",
  beginText: "Nei giorni della compilazione entri con SPID di livello 2 o CIE, rispondi alle verifiche preliminari e compili. Quello che scrivi resta salvato: puoi fermarti e riprendere.",
  beginLink: "Inizia una domanda",
  calendar: "Vedi le date nel calendario",
  version: (version: string) => `Queste sono le domande della versione ${version} del modulo.`,
  unknownTitle: "Modello non trovato",
  unknown: "Non c'è un modello con questo nome. Scegli tra quelli dell'elenco.",
  all: "Tutti i modelli",
};

interface ModelText {
  name: string;
  short: string;
  forWhom: string[];
  address: string[];
  papers: string[];
}

const COMPANY_ADDRESS = [
  "Le imprese iscritte al Registro delle Imprese devono avere la PEC in **INI-PEC**, l'indice delle PEC di imprese e professionisti.",
  "Gli enti e le associazioni non iscritti devono avere un domicilio digitale in **INAD**: [domiciliodigitale.gov.it](https://domiciliodigitale.gov.it).",
];
const COMPANY_PAPERS = [
  "Passaporto del lavoratore: copia i dati lettera per lettera dalla pagina con la foto.",
  "Alloggio: indirizzo e documento che dice che è adatto, o la ricevuta della richiesta.",
  "Contratto che offri: mansione, livello, orario, durata e paga, secondo il contratto collettivo.",
  "Asseverazione: la dichiarazione di un professionista o di un'organizzazione che l'azienda può assumere. Non serve se la domanda passa da un'organizzazione che ha firmato il protocollo con il Ministero.",
  "DURC (documento unico di regolarità contributiva) e ultima dichiarazione dei redditi o bilancio, se l'ufficio li chiede.",
  "Marca da bollo da 16 euro: ne scrivi il numero e la conservi.",
];
const JOB_CENTRE = "Richiesta al Centro per l'impiego (CPI), che verifica se c'è già un lavoratore disponibile in Italia. Se non risponde entro 8 giorni, si va avanti.";

/** By model. */
export const models: Record<string, ModelText> = {
  "c-stag-agricoltura": {
    name: "C-STAG agricoltura",
    short: "Lavoro stagionale in agricoltura, da 20 giorni a 9 mesi.",
    forWhom: ["Aziende agricole che assumono per una stagione. Una parte dei posti è riservata alle domande presentate dalle organizzazioni agricole."],
    address: COMPANY_ADDRESS,
    papers: COMPANY_PAPERS,
  },
  "c-stag-turismo": {
    name: "C-STAG turismo",
    short: "Lavoro stagionale in alberghi, ristoranti e strutture turistiche, da 20 giorni a 9 mesi.",
    forWhom: ["Alberghi, ristoranti e altre imprese del turismo che assumono per una stagione. Una parte dei posti è riservata alle domande presentate dalle organizzazioni del turismo."],
    address: COMPANY_ADDRESS,
    papers: COMPANY_PAPERS,
  },
  b2020: {
    name: "B2020",
    short: "Lavoro non stagionale nei settori indicati dal decreto.",
    forWhom: ["Imprese dei settori indicati dal decreto che assumono a tempo determinato o indeterminato. Le quote dipendono anche dalla cittadinanza del lavoratore."],
    address: COMPANY_ADDRESS,
    papers: [...COMPANY_PAPERS, JOB_CENTRE],
  },
  "a-bis": {
    name: "A-BIS",
    short: "Assistenza familiare: colf e badanti.",
    forWhom: [
      "Famiglie che assumono una persona per l'assistenza o per i lavori di casa.",
      "Società ed enti che assumono per assistere persone.",
    ],
    address: [
      "Una **famiglia o persona** deve avere un domicilio digitale in **INAD**: [domiciliodigitale.gov.it](https://domiciliodigitale.gov.it). È gratuito, ma serve una PEC.",
      "Una **società** iscritta al Registro delle Imprese deve avere la PEC in **INI-PEC**; un ente non iscritto, in **INAD**.",
    ],
    papers: [
      "Passaporto del lavoratore: copia i dati lettera per lettera dalla pagina con la foto.",
      "Reddito di chi assume o della sua famiglia: ultima dichiarazione.",
      "Se chi assume non è autosufficiente e assume per la propria assistenza: certificato del medico di base. In questo caso non servono le prove sul reddito.",
      "Alloggio: se il lavoratore vive nella stessa casa non serve altro; altrimenti indirizzo e documento che dice che è adatto.",
      "Contratto che offri: livello, orario, durata e paga del contratto del lavoro domestico.",
      JOB_CENTRE,
      "Marca da bollo da 16 euro: ne scrivi il numero e la conservi.",
    ],
  },
};
