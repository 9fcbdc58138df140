// Why a value is refused, while the person is still at the field: word for word what the API would answer, which the
// fixtures of web/src/form hold.

export const refusals = {
  wrongType: {
    text: "Scrivi un testo.",
    boolean: "Scegli sì o no.",
    mustBeTrue: "Spunta la casella per confermare.",
    file: "Carica il documento con il pulsante «Carica».",
    number: (what: string) => `Scrivi ${what}.`,
  },
  integer: "un numero intero",
  money: "un importo in euro e centesimi",
  range: (what: string, min: string, max: string) => `Scrivi ${what} da ${min} a ${max}.`,
  tooLarge: "Il testo è troppo lungo: accorcialo.",
  charset: {
    name: "Usa solo lettere, spazi, apostrofi, punti e trattini, come sul documento.",
    line: "Togli i segni < > { } \\ e scrivi su una riga sola.",
    free: "Togli i caratteri che non si possono stampare.",
    "document-number": "Usa solo lettere senza accento e cifre, come sul documento.",
    digits: "Usa solo cifre.",
    phone: "Usa solo cifre, con il + davanti al prefisso dell'estero.",
  },
  length: {
    exactly: (count: number) => `Scrivi esattamente ${count} caratteri.`,
    atLeast: (count: number) => `Scrivi almeno ${count} caratteri.`,
    atMost: (count: number) => `Scrivi al massimo ${count} caratteri.`,
  },
  date: {
    wrong: "Scrivi una data che esiste: giorno, mese e anno.",
    tooEarly: (day: string) => `La data non può essere prima del ${day}.`,
    tooLate: (day: string) => `La data non può essere dopo il ${day}.`,
  },
  choice: {
    unknown: "Scegli una delle voci dell'elenco.",
    expired: (label: string) => `«${label}» non è più valida: scegli un'altra voce dell'elenco.`,
    excluded: "Questa voce qui non si può scegliere.",
  },
  postalCode: "Scrivi le 5 cifre del CAP.",
  fiscalCode: {
    neitherLength: (length: number) =>
      `Il codice ha 16 caratteri oppure 11 cifre, ne risultano ${length}. Controlla di averlo riportato per intero.`,
    character: (position: number) =>
      `Il carattere in posizione ${position} del codice fiscale non è possibile. Ricontrolla lettere e cifre.`,
    day: "Il giorno di nascita contenuto nel codice fiscale non esiste. Ricontrolla i caratteri da 7 a 11.",
    checkCharacter:
      "Il codice fiscale contiene un errore: l'ultimo carattere non corrisponde agli altri. Ricontrolla tutto il codice.",
  },
  elevenDigits: {
    length: (length: number) => `Servono 11 cifre, ne risultano ${length}. Controlla di averle riportate tutte.`,
    notADigit: (position: number) =>
      `Il carattere in posizione ${position} non è una cifra. Servono 11 cifre, senza lettere né segni.`,
    onlyZeros: "Il numero è composto di soli zeri. Scrivi le 11 cifre effettive.",
    checkDigit: "Il numero contiene un errore: la cifra di controllo non corrisponde. Ricontrolla le cifre.",
  },
  email: {
    empty: "Scrivi l'indirizzo, per esempio nome@dominio.it.",
    tooLong: (length: number) =>
      `L'indirizzo ha ${length} caratteri, il massimo è 254. Controlla di non averci incollato altro testo.`,
    character: (position: number) =>
      `Il carattere in posizione ${position} non è ammesso. Scrivi solo l'indirizzo, senza nome, spazi o accenti.`,
    atSign: "L'indirizzo deve contenere una sola chiocciola (@), per esempio nome@dominio.it.",
    localPart: "La parte prima della chiocciola (@) non è corretta. Controlla punti e lunghezza.",
    domain: "La parte dopo la chiocciola (@) non è corretta. Scrivi il dominio completo, per esempio pec.it.",
  },
};
