// What the calendar says of a decree that lets people book the sending; in a file of its own, since the first page loads those of
// all public pages.

/** The texts. */
export const texts = {
  title: "L'invio si può prenotare",
  text: "Puoi prenotare l'invio delle domande pronte: partono da sole all'apertura e risultano arrivate in quell'istante. Prenotare prima o dopo non conta: tra le domande arrivate nello stesso istante decide il sorteggio.",
  more: "Chi preme «Invia domande» dopo l'apertura arriva dopo le domande prenotate: se queste sono più dei posti, resta fuori quota. Per prenotare, apri «Pronte per l'invio» prima dell'apertura.",
};
