// The texts of sending a file. Verdicts, reasons and refusals are the API's.

export const uploadTexts = {
  stored: "Documento caricato",
  /** A file whose name a reload has forgotten. */
  nameless: "Il documento scelto",
  blank: "Il file è vuoto: scegline un altro.",
  tooLarge: (size: string, most: string) => `Il file è di ${size} e qui il massimo è ${most}: scegline uno più piccolo.`,
  wrongType: (formats: string) => `Qui serve un file ${formats}: scegline uno di questo tipo.`,
  preparing: "Prepariamo il file per l'invio",
  started: (label: string) => `Caricamento iniziato: ${label}`,
  cancelled: (label: string) => `Caricamento annullato: ${label}`,
  checking: "File inviato. Lo stiamo verificando: di solito bastano pochi secondi.",
  slow: "La verifica dura più del solito. Puoi continuare: l'esito compare qui quando torni su questa pagina.",
  askNow: "Chiedi l'esito",
  accepted: (label: string) => `Documento caricato: ${label}`,
  refused: "Il file non è stato accettato",
  failed: "Il file non è stato caricato",
  retry: "Riprova",
  retryHelp: "Scegli un altro file per riprovare.",
  offline: "Sei senza connessione: riprova quando torna.",
  cut: "Il collegamento si è interrotto durante l'invio.",
  late: "Il tempo per inviare il file è finito.",
  unreadable: "Il browser non riesce a leggere il file: controlla che esista ancora, oppure sceglilo di nuovo.",
  exhausted:
    "Ora non puoi caricare altri file per questa domanda. Se ne hai appena caricati più di uno, riprova tra qualche minuto; altrimenti usa quelli che ci sono oppure rivolgiti all'Help Desk.",
  attempts: (left: number) => (left === 1 ? "Puoi caricare ancora 1 file." : `Puoi caricare ancora ${left} file.`),
};
