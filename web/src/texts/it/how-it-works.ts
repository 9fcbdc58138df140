// The texts of the page that explains the procedure.

/** The texts. */
export const texts = {
  title: "Come funziona",
  lead: "Tutti i passaggi, dall'accesso al contratto di soggiorno. Accanto a ogni passaggio trovi chi deve agire.",
  who: "Chi agisce:",
  whoNames: { you: "tu (datore di lavoro o intermediario)", registries: "i registri pubblici", office: "lo Sportello Unico per l'Immigrazione (SUI)", consulate: "il consolato italiano" },
  before: "Prima di iniziare",
  beforeTexts: [
    "Serve **SPID di livello 2** (Sistema pubblico di identità digitale) o la **CIE** (Carta d'identità elettronica).",
    "Serve un indirizzo di **PEC** (posta elettronica certificata) nei registri pubblici. Le imprese e i professionisti lo hanno in **INI-PEC**. Le persone, le famiglie e gli enti non iscritti al Registro delle Imprese lo registrano in **INAD**, l'indice nazionale dei domicili digitali: [domiciliodigitale.gov.it](https://domiciliodigitale.gov.it).",
    "Leggi nella pagina del [modello](/modelli) quali dati e documenti preparare.",
  ],
  stepsTitle: "I passaggi",
  steps: [
    {
      title: "Verifiche preliminari",
      who: "you",
      texts: [
        "Leggi l'informativa sulla privacy, scegli il modello e scrivi i codici fiscali.",
        "Con «Verifica utenza e invia PEC» il portale chiede ai registri se il richiedente rappresenta l'azienda, e cerca l'indirizzo PEC. Se un registro non risponde, la verifica resta in coda e puoi uscire: ti avvisiamo noi.",
      ],
    },
    {
      title: "Codice di attivazione",
      who: "you",
      texts: ["Alla PEC del datore di lavoro arriva un codice. Chi compila lo scrive nella pagina «Verifica codice». Se non arriva, si può chiedere un nuovo codice."],
    },
    {
      title: "Compilazione",
      who: "you",
      texts: [
        "La domanda è divisa in sezioni, da fare nell'ordine che vuoi. Salviamo mentre scrivi.",
        "Accanto a ogni dato c'è scritto da dove viene. Alcuni dati arrivano subito dai registri, altri entro qualche giorno: non devi fare nulla. Un dato di un registro non si può riscrivere, ma puoi chiederne la correzione.",
        "Quando tutto è completo la domanda diventa «Da inviare», da sola.",
      ],
    },
    {
      title: "Invio nel click day",
      who: "you",
      texts: [
        "Il giorno e l'ora sono nel [calendario](/calendario). La pagina dell'invio mostra l'ora del portale e il tempo che manca.",
        "Premi una volta: partono insieme le domande che hai scelto nell'elenco. Non serve ricaricare la pagina, né premere più volte. Conta l'istante in cui la richiesta arriva al portale.",
        "La ricevuta arriva subito, con il codice e l'ora al millesimo di secondo. Chiunque può [verificarla](/verifica-ricevuta).",
      ],
    },
    {
      title: "Posto in quota e istruttoria",
      who: "office",
      texts: [
        "Le domande sono messe in ordine di arrivo, nel limite delle quote del decreto. Qualche minuto dopo l'invio vedi la tua posizione, il numero di protocollo e se sei in quota.",
        "Lo Sportello Unico della provincia esamina la domanda. Può chiederti altri documenti (integrazione) o avvisarti dei motivi che porterebbero a un rifiuto (preavviso di rigetto): hai un termine per rispondere, scritto nella domanda.",
      ],
    },
    {
      title: "Nulla osta e verifiche del consolato",
      who: "consulate",
      texts: ["Con il nulla osta il lavoratore chiede il visto al consolato italiano del suo Paese, che fa le sue verifiche."],
    },
    {
      title: "Conferma",
      who: "you",
      texts: [
        "Finite le verifiche del consolato, ricevi una PEC. Entro il termine devi dire se confermi o rinunci: come si fa è scritto nella domanda. Oggi il termine è di **15 giorni** dall'invio della PEC.",
        "Se non rispondi, per legge la richiesta si considera rifiutata e il nulla osta è revocato. Prima della scadenza ti mandiamo dei promemoria.",
      ],
    },
    {
      title: "Ingresso in Italia",
      who: "you",
      texts: ["Quando il lavoratore entra in Italia, comunichi la provincia e il comune di ingresso, la data e il numero del visto: come si fa è scritto nella domanda."],
    },
    {
      title: "Contratto di soggiorno",
      who: "you",
      texts: [
        "Ricevi per PEC il contratto, lo firmi e consegni il file firmato entro il termine: come si fa è scritto nella domanda. Oggi il termine è di **15 giorni** dall'ingresso. La firma deve essere digitale (PAdES o CAdES).",
        "In alcuni casi serve anche l'Accordo di integrazione.",
      ],
    },
    {
      title: "Kit per il permesso di soggiorno",
      who: "office",
      texts: ["Lo Sportello Unico emette i moduli 1 e 2. Li consegni al lavoratore, che li porta all'ufficio postale per chiedere il permesso di soggiorno."],
    },
  ],
  blockTitle: "C'è una domanda che non hai iniziato tu?",
  blockText: "Per ogni domanda iniziata a nome di un'azienda scriviamo alla sua PEC. Se non l'hai chiesta tu, apri il collegamento «Non sono stato io» in quel messaggio e premi il pulsante: solo allora la domanda si blocca, e l'ufficio la controlla.",
  limitsTitle: "Quante domande si possono presentare",
  limitsText: "Un utente privato può presentare fino a 3 domande in un anno. Il limite non vale per organizzazioni, professionisti, agenzie e operatori dei comuni. Se elimini una domanda non ancora inviata, il posto si libera. Lo stesso datore di lavoro non può avere due domande attive per lo stesso lavoratore.",
} as const;
