// The texts of sending a file. Verdicts, reasons and refusals are the API's.

export const uploadTexts = {
  stored: "Documento caricato",
  /** A file whose name a reload has forgotten. */
  nameless: "Il documento scelto",
  blank: "Il file è vuoto: scegline un altro.",
  tooLarge: (size: string, most: string) => `Il file è di ${size} e qui il massimo è ${most}: scegline uno più piccolo.`,
  wrongType: (formats: string) => `Qui serve un file ${formats}: scegline uno di questo tipo.`,
  formats: (formats: string) => `Formato: ${formats}.`,
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
  /** Beside a document that stands already. */
  newRefused: "Il nuovo file non è stato accettato",
  newFailed: "Il nuovo file non è stato caricato",
  stillStands: (which: string) => `Nella domanda resta il documento caricato prima (${which}).`,
  offline: "Sei senza connessione: riprova quando torna.",
  cut: "Il collegamento si è interrotto durante l'invio.",
  unfinished: "L'invio del file si è interrotto prima della fine: scegli di nuovo il file.",
  late: "Il tempo per inviare il file è finito.",
  unreadable: "Il browser non riesce a leggere il file: controlla che esista ancora, oppure sceglilo di nuovo.",
  exhausted: "Non puoi caricare altri file per questa domanda: ne sono già arrivati molti. Quelli già caricati restano. Se te ne serve un altro, scrivi all'Help Desk.",
  exhaustedUntil: (time: string) => `Ora non puoi caricare altri file: ne hai scelti molti in pochi minuti. Puoi sceglierne un altro dopo le ${time}.`,
  attempts: (left: number) => (left === 1 ? "Puoi caricare ancora 1 file." : `Puoi caricare ancora ${left} file.`),
};
