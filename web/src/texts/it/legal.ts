// The texts of the accessibility statement and of the legal notes.

/** A titled part of such a page. */
export interface Part {
  title: string;
  texts: readonly string[];
  items?: readonly string[];
}

/** The accessibility statement, in the order of AgID's model. */
export const accessibility = {
  title: "Dichiarazione di accessibilità",
  lead: "Vogliamo che tutti possano usare il portale, anche con la tastiera, con un lettore di schermo o con il testo ingrandito.",
  test: "Questo ambiente di prova non ha una dichiarazione depositata presso AgID: qui sotto c'è ciò che abbiamo controllato davvero.",
  parts: [
    {
      title: "Stato di conformità",
      texts: [
        "Il portale è progettato secondo le WCAG 2.1, livello AA (norma UNI CEI EN 301549). È **parzialmente conforme**: mancano ancora le prove con persone e con più lettori di schermo.",
      ],
    },
    {
      title: "Che cosa abbiamo controllato",
      texts: ["Per ogni pagina pubblica e in ogni suo stato:"],
      items: [
        "controlli automatici (axe-core), senza errori, a 1280, 390 e 320 pixel;",
        "uso con la sola tastiera, con il fuoco sempre visibile;",
        "nessuno scorrimento orizzontale a 320 pixel;",
        "movimento ridotto e contrasto forzato rispettati.",
      ],
    },
    {
      title: "Contenuti non accessibili",
      texts: ["I documenti firmati che si caricano o si scaricano possono non essere accessibili, perché li prepara chi li firma. I documenti creati dal portale sono PDF con i tag."],
    },
    {
      title: "Segnalazioni",
      texts: [
        "Se trovi un ostacolo, scrivilo all'[Help Desk](/aiuto) indicando la pagina e che cosa stavi facendo. Rispondiamo entro 30 giorni.",
        "Se la risposta non arriva o non ti basta, puoi rivolgerti al Difensore civico per il digitale, presso AgID: [agid.gov.it](https://www.agid.gov.it/it/agenzia/difensore-civico-per-il-digitale).",
      ],
    },
    { title: "Quando è stata scritta", texts: ["La dichiarazione è stata scritta il 28 novembre 2026 con un'autovalutazione. Va rinnovata entro il 23 settembre di ogni anno."] },
  ] satisfies Part[],
};

/** The legal notes. */
export const legal = {
  title: "Note legali",
  lead: "Le regole per usare il portale e le sue pagine.",
  parts: [
    {
      title: "A che cosa serve il portale",
      texts: ["Il portale riceve le domande di nulla osta al lavoro previste dagli articoli 22, 23, 24 e 27 del D.Lgs. 286/1998 (Testo unico sull'immigrazione) e dai decreti sui flussi. L'uso è gratuito."],
    },
    {
      title: "Valore delle date e delle ricevute",
      texts: [
        "Per l'ordine delle domande conta l'istante in cui la richiesta arriva al portale, al millesimo di secondo, secondo l'orologio del portale. Gli orari sono in ora italiana.",
        "La ricevuta è firmata. È valida quella che supera la [verifica](/verifica-ricevuta).",
        "Per i termini fanno fede le comunicazioni inviate per PEC e le scadenze indicate nella domanda.",
      ],
    },
    {
      title: "Responsabilità di chi usa il portale",
      texts: ["Chi presenta una domanda dichiara fatti sotto la propria responsabilità. Le dichiarazioni false sono punite dalla legge (articoli 75 e 76 del D.P.R. 445/2000). Le credenziali sono personali e non si prestano."],
    },
    {
      title: "Contenuti e codice",
      texts: ["I testi si possono riusare citando la fonte. Il codice del portale è aperto, con licenza EUPL-1.2. Le icone e gli stili vengono da Bootstrap Italia, con licenza BSD-3-Clause; il carattere è Titillium Web, con licenza SIL OFL."],
    },
    {
      title: "Altri siti",
      texts: ["I collegamenti ad altri siti sono dati per comodità: di quei siti rispondono i loro titolari."],
    },
  ] satisfies Part[],
};
