// The words of armed sends: only where a decree lets people book the sending.

const applications = (n: number) => (n === 1 ? "1 domanda" : `${n} domande`);

/** The texts. */
export const texts = {
  title: "Invio prenotato",
  list: "Riepilogo domande",
  sendingPage: "Vai alla pagina di invio",
  sentPage: "Domande inviate",
  absent: {
    title: "Modello non trovato",
    text: "Il calendario non prevede questo decreto o questo modello. Scegli le domande dal riepilogo.",
  },
  unlike: {
    title: "Invio prenotato non previsto",
    text: "Questo decreto non prevede l'invio prenotato: all'apertura premi «Invia domande».",
  },
  level: "Con l'accesso di adesso puoi leggere le domande ma non prenotarne l'invio. Esci ed entra con SPID di livello 2 o con la CIE, prima dell'apertura.",
  opens: (when: string) => `L'invio si apre ${when}.`,
  opensIn: "Apre tra",
  opened: (when: string) => `L'invio si è aperto ${when}. Ora non si può più prenotare né annullare una prenotazione.`,
  none: "Per questo modello il calendario non prevede un'altra apertura: non c'è un invio da prenotare.",
  meaning: {
    title: "Che cosa succede se prenoti",
    text: "La domanda partirà da sola all'apertura e risulterà arrivata in quell'istante. Tra le domande arrivate nello stesso istante decide il sorteggio: prenotare prima o dopo non conta. Puoi annullare fino all'apertura; finché è prenotata la domanda non si modifica.",
    more: "Chi non prenota può premere «Invia domande» dopo l'apertura, ma arriva dopo le domande prenotate: se queste sono più dei posti, resta fuori quota.",
  },
  filter: "Cerca nell'elenco",
  filterHelp: "Cognome o nome del lavoratore, datore di lavoro, numero della domanda",
  found: (n: number) => (n === 1 ? "1 domanda trovata" : `${n} domande trovate`),
  rows: {
    worker: "Lavoratore",
    employer: "Datore di lavoro",
    application: "Domanda",
    state: "Stato",
    noName: "Nome non disponibile",
    of: (name: string) => ` di ${name}`,
    none: "Nessuna domanda corrisponde alla ricerca.",
    chooseAll: "Scegli tutte",
    chooseNone: "Deseleziona tutte",
    shown: (n: number, of: number) => (n === of ? applications(of) : `${n} di ${applications(of)}`),
  },
  ready: {
    title: "Da prenotare",
    text: "Domande pronte per l'invio, non ancora prenotate.",
    empty: "Non ci sono altre domande da prenotare per questo modello.",
    emptyMore: "Vedi quali domande non sono pronte e che cosa manca",
    go: (n: number) => `Prenota l'invio di ${applications(n)}`,
    nothing: "Scegli nell'elenco almeno una domanda da prenotare.",
  },
  armed: {
    title: "Prenotate",
    text: "Partono da sole all'apertura: non serve tenere aperta questa pagina.",
    waiting: "Restano prenotate e partono solo se il calendario prevede un'altra apertura. Per modificarle, annulla la prenotazione.",
    go: (n: number) => `Annulla la prenotazione di ${applications(n)}`,
    nothing: "Per annullare una prenotazione, scegli prima la domanda nell'elenco.",
  },
  underWay: {
    title: "Invio in corso",
    text: (when: string) => `Queste domande risultano arrivate ${when}. Il portale le sta inviando e non devi premere nulla: le ricevute arrivano tra qualche minuto. Questa pagina le cerca da sola una volta; poi le trovi in «Domande inviate».`,
    late: "Alcune ricevute non ci sono ancora. L'orario di arrivo non cambia: puoi controllare di nuovo più tardi.",
    check: "Controlla se sono arrivate le ricevute",
    spoken: (sent: number, of: number) => `Arrivate ${sent} di ${of}.`,
  },
  sent: {
    title: "Ricevute",
    code: "Codice",
    open: "Vedi la ricevuta",
    text: "Le ricevute restano, per 10 anni da quando la pratica è archiviata, in",
    nothing: "Qui non ci sono domande prenotate ancora da inviare. Quelle già inviate sono in",
  },
  states: { ready: "Pronta", notArmed: "Non prenotata", armed: "Prenotata", underWay: "Invio in corso", sent: "Arrivata" },
  arrival: (when: string) => `Arrivo: ${when}`,
  openIt: "Apri la domanda",
  busy: {
    arm: (done: number, of: number) => `Prenotazione in corso: ${done} di ${of}`,
    disarm: (done: number, of: number) => `Annullamento in corso: ${done} di ${of}`,
    leaving: "La prenotazione è in corso: se esci si ferma. Quello che è già prenotato resta.",
  },
  answer: {
    arm: (n: number) => (n === 1 ? "1 domanda prenotata" : `${n} domande prenotate`),
    disarm: (n: number) => (n === 1 ? "1 prenotazione annullata" : `${n} prenotazioni annullate`),
    armRefused: (n: number) => (n === 1 ? "1 non è prenotata: il motivo è accanto alla domanda." : `${n} non sono prenotate: il motivo è accanto a ciascuna.`),
    disarmRefused: (n: number) => (n === 1 ? "1 prenotazione non è annullata: il motivo è accanto alla domanda." : `${n} prenotazioni non sono annullate: il motivo è accanto a ciascuna.`),
    leaves: (n: number, when: string) => (n === 1 ? `Parte da sola ${when}: non devi fare altro.` : `Partono da sole ${when}: non devi fare altro.`),
    again: (n: number) =>
      n === 1
        ? "Ora puoi di nuovo modificare la domanda. Se non la prenoti, all'apertura premi «Invia domande»."
        : "Ora puoi di nuovo modificarle. Se non le prenoti, all'apertura premi «Invia domande».",
    unsettled: (n: number) => `Per ${applications(n)} il portale non ha risposto in tempo. Quello che vedi nell'elenco è già fatto.`,
    unanswered: "Il portale non ha risposto come doveva. Le domande sono salve e quello che vedi nell'elenco è già fatto. Riprova: se qualcosa era già riuscito, non cambia nulla.",
    retry: "Riprova con le altre",
  },
};
