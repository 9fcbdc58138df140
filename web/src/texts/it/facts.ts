// The words around facts.

/** The texts. */
export const texts = {
  from: "da",
  until: "a",
  since: "Da",
  version: "Versione",
  clickDay: "Invio da",
  start: "Nuove domande:",
  edit: "Compilazione:",
  submit: "Invio:",
  offQuota: "Sempre aperto, fuori quota:",
  readClosed: "Sezione chiusa:",
  works: "Funziona",
  stopped: "Non funziona del tutto",
  lists: { avvisi: "Avvisi", novita: "Novità", leggi: "Leggi e Decreti sull'Immigrazione" },
  noNotices: "Non ci sono avvisi.",
  emptyList: "Non c'è ancora nulla in questo elenco.",
  noCalendar: "Non c'è un decreto aperto in questo momento. Quando ne sarà pubblicato uno, le date compariranno qui.",
  noCalendarWithoutScript: "Le date non sono ancora pubblicate in questa pagina. Puoi leggerle nel decreto pubblicato in Gazzetta Ufficiale.",
  failed: "Non riusciamo a leggere questi dati ora.",
  retry: "Riprova",
  noStatus: "Non ci sono segnalazioni: per quanto ne sappiamo, tutto funziona.",
  maintenance: "Manutenzioni previste",
  noMaintenance: "Non sono previste manutenzioni.",
  noDocuments: "I documenti non sono ancora pubblicati.",
  noPrivacy: "Il testo dell'informativa non è ancora pubblicato in questa pagina.",
};
