// The texts of the smaller public pages.

/** The calendar. */
export const calendar = {
  title: "Calendario",
  lead: "Quando si può iniziare, compilare e inviare una domanda, modello per modello. Tutte le ore sono in ora italiana.",
  openNow: "Aperto ora",
  openUntil: (when: string) => `L'invio è aperto fino a ${when}.`,
  opensIn: "L'invio apre tra",
  over: "Invio chiuso",
  alwaysOpen: "Aperto ora, fuori quota",
  form: "Che cosa chiede la domanda",
  explained: "Che cosa vogliono dire le righe",
  explanations: [
    "**Nuove domande**: puoi iniziare una domanda.",
    "**Compilazione**: puoi completare le domande già iniziate.",
    "**Invio**: puoi inviare le domande complete. L'istante di apertura è compreso, quello di chiusura no.",
    "**Sempre aperto, fuori quota**: queste domande non hanno un limite di posti, e si possono iniziare e inviare in ogni momento del periodo.",
    "**Sezione chiusa**: in quei giorni i nomi e le risposte delle domande non si possono nemmeno leggere.",
  ],
};

/** The status. */
export const status = {
  title: "Stato del portale",
  lead: "Che cosa funziona adesso e che cosa no. Questa pagina si apre anche quando il resto del portale non risponde.",
  clock: "Ora ufficiale del portale",
  clockText: "È l'ora del nostro server. Il giorno dell'invio conta questa, non quella del tuo dispositivo.",
  difference: (seconds: string) => `Il tuo orologio differisce di circa ${seconds} secondi.`,
  same: "Il tuo orologio segna la stessa ora.",
  parts: "Servizi",
  maintenance: "Manutenzioni previste",
};

/** The notices. */
export const notices = {
  title: "Avvisi",
  lead: "Avvisi, novità e norme, dal più recente.",
};

/** The documents. */
export const documents = {
  title: "Documenti e manuale",
  lead: "Manuali e istruzioni da scaricare.",
  fallbackTitle: "Altre pagine utili",
  fallback: [
    "[Come funziona](/come-funziona): tutti i passaggi, dall'accesso al contratto di soggiorno.",
    "[Modelli](/modelli): che cosa chiede ogni domanda e quali documenti preparare.",
    "[Aiuto](/aiuto): le risposte alle domande più frequenti.",
  ],
};

/** The privacy notice. */
export const privacy = {
  title: "Informativa sulla privacy",
  lead: "Come sono trattati i dati personali di chi usa il portale e dei lavoratori, secondo gli articoli 13 e 14 del Regolamento europeo 2016/679 (GDPR).",
  version: (date: string) => `Versione del ${date}`,
  choose: "Leggi l'informativa del decreto",
  unknown: "Non c'è un'informativa con questa versione. Controlla l'indirizzo, oppure apri quella in vigore.",
  current: "Apri l'informativa in vigore",
  cookies: "Cookie",
  cookiesText: "Il portale usa solo cookie tecnici, quelli che servono per restare collegati. Non usa cookie di profilazione e non manda dati ad altri siti. Per questo non vedi un avviso sui cookie.",
};

/** Maintenance. */
export const maintenance = {
  title: "Manutenzione",
  lead: "Quando il portale è in manutenzione, qui trovi da quando e fino a quando.",
  planned: "Manutenzioni previste",
  termsTitle: "I termini che scadono durante una manutenzione",
  termsText: "Se il portale si ferma mentre un termine è in corso, il termine si allunga. Trovi la nuova scadenza nella tua domanda e puoi scaricare l'atto che la stabilisce.",
};

/** Reading of facts that failed. */
export const facts = {
  failed: "Non riusciamo a leggere questi dati ora. Controlla la connessione.",
  retry: "Riprova",
};
