// What other pages say of armed sends, where a decree lets people book the sending.

/** The texts. */
export const texts = {
  can: "L'invio si può prenotare",
  canText: "Se prenoti, la domanda parte da sola all'apertura e risulta arrivata in quell'istante. Prenotare prima o dopo non conta. Chi preme «Invia domande» arriva dopo le domande prenotate: se queste sono più dei posti, resta fuori quota.",
  go: "Prenota l'invio",
  see: "Vedi o annulla gli invii prenotati",
  armed: (n: number) => (n === 1 ? "1 ha l'invio prenotato" : `${n} hanno l'invio prenotato`),
  leftOut: (n: number) =>
    n === 1
      ? "1 domanda ha l'invio prenotato: parte da sola e non è in questo elenco."
      : `${n} domande hanno l'invio prenotato: partono da sole e non sono in questo elenco.`,
  one: {
    title: "L'invio è prenotato",
    before: (when: string) => `La domanda parte da sola all'apertura: ${when}. Non devi fare altro. Per modificarla, annulla prima la prenotazione.`,
    unread: "La domanda parte da sola all'apertura. Per modificarla, annulla prima la prenotazione.",
    none: "Il calendario non prevede un'altra apertura: la domanda resta prenotata. Per modificarla, annulla la prenotazione.",
    underWay: "Invio in corso",
    underWayText: (when: string) => `La domanda risulta arrivata ${when}. La ricevuta arriva tra qualche minuto: non devi premere nulla.`,
  },
};
