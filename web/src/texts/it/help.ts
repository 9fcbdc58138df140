// The questions and answers of the help page.

/** One answered question. */
export interface Answer {
  id: string;
  question: string;
  answers: readonly string[];
}

/** Answers by task. */
export interface Topic {
  title: string;
  answers: readonly Answer[];
}

/** The texts of the page. */
export const texts = {
  title: "Aiuto e Help Desk",
  lead: "Cerca la tua domanda. Se non trovi la risposta, in fondo c'è come scriverci.",
  search: "Cerca nelle risposte",
  searchHelp: "Per esempio: PEC, codice, ricevuta.",
  found: (n: number) => (n === 0 ? "Nessuna risposta trovata. Prova con una parola più breve." : n === 1 ? "1 risposta trovata" : `${n} risposte trovate`),
  contactTitle: "Help Desk",
  contactTexts: [
    "Orari: dal lunedì al sabato dalle 8 alle 20, la domenica dalle 8 alle 12. Nei giorni dell'invio (_click day_) è sempre aperto.",
    "Indica il **Codice per l'Help Desk** che vedi nel messaggio di errore e il numero della domanda. Non mandare mai password, codici di attivazione o copie di documenti.",
  ],
  contactTest: "Qui i messaggi non raggiungono nessuno: l'indirizzo è un esempio.",
  contactLink: (address: string) => `Scrivi a [${address}](mailto:${address}).`,
  officeTitle: "Quando rivolgersi allo Sportello Unico",
  officeTexts: [
    "Per il merito della tua pratica (documenti, istruttoria, contratto) risponde lo Sportello Unico per l'Immigrazione della provincia del lavoro. Quale sia è scritto nella pagina della domanda inviata, alla voce «Ufficio competente».",
    "Questo portale non ha gli indirizzi degli uffici: trovi la posta certificata (PEC) di ognuno sul sito della [Prefettura](https://www.interno.gov.it/it/prefetture) della provincia. Scrivi dalla PEC del datore di lavoro e indica il numero della domanda.",
  ],
};

/** By task. */
export const topics: readonly Topic[] = [
  {
    title: "Entrare",
    answers: [
      { id: "spid", question: "Con che cosa si entra?", answers: ["Con SPID di livello 2 o con la CIE (Carta d'identità elettronica). Con SPID di livello 1 il portale non ti fa iniziare o inviare domande."] },
      { id: "senza-spid", question: "Non ho SPID. Come faccio?", answers: ["Puoi chiederlo a uno dei gestori elencati su [spid.gov.it](https://www.spid.gov.it/cos-e-spid/come-attivare-spid/), oppure usare la tua CIE con il PIN."] },
      { id: "annullato", question: "Ho annullato l'accesso o il gestore ha dato errore", answers: ["Nulla è andato perso: torna alla pagina di accesso e riprova. Se l'errore continua, prova con un altro gestore o con la CIE, e controlla [lo stato del portale](/stato)."] },
      { id: "sessione", question: "La sessione è finita mentre scrivevo", answers: ["Entra di nuovo: torni alla stessa pagina e trovi ciò che avevi scritto. Per sicurezza la sessione finisce dopo 2 ore senza attività."] },
    ],
  },
  {
    title: "Iniziare una domanda",
    answers: [
      { id: "pec", question: "Non risulta un indirizzo PEC", answers: ["Le imprese devono averlo in INI-PEC, tramite la Camera di commercio. Le persone e gli enti non iscritti lo registrano in INAD: [domiciliodigitale.gov.it](https://domiciliodigitale.gov.it). Dopo la registrazione possono passare alcuni giorni."] },
      { id: "rappresentanza", question: "I registri non confermano che rappresento l'azienda", answers: ["Controlla i codici fiscali. Se sono giusti, i dati nel Registro delle Imprese o all'Agenzia delle Entrate non sono aggiornati: falli aggiornare lì e riprova."] },
      { id: "codice", question: "Il codice di attivazione non arriva", answers: ["Il codice va alla PEC del datore di lavoro, non alla tua e-mail. Guarda anche nella posta indesiderata. Dopo qualche minuto puoi premere «Richiedi un nuovo codice»."] },
      { id: "codice-errato", question: "Ho sbagliato il codice troppe volte", answers: ["Dopo 5 errori il codice non vale più. Chiedine uno nuovo: la domanda resta."] },
      { id: "limite", question: "Il portale dice che ho raggiunto il limite", answers: ["Un utente privato può avere 3 domande in un anno. Se elimini una domanda non ancora inviata, il posto si libera."] },
    ],
  },
  {
    title: "Compilare",
    answers: [
      { id: "salva", question: "Devo salvare?", answers: ["No, salviamo mentre scrivi. In alto vedi «Salvato alle…». Se manca la rete continua a scrivere: salviamo appena torna."] },
      { id: "attesa", question: "Un dato è «in arrivo». Che cosa devo fare?", answers: ["Nulla. Alcuni dati di INPS e Agenzia delle Entrate arrivano entro qualche giorno e completano la domanda da soli. Se non arrivano, potrai scriverli tu."] },
      { id: "correzione", question: "Un dato preso da un registro è sbagliato", answers: ["Non si può riscrivere, ma puoi premere «Richiedi correzione» accanto al dato. Il registro viene interrogato di nuovo e la tua nota resta nella domanda."] },
      { id: "conflitto", question: "Qualcun altro ha cambiato lo stesso dato", answers: ["Il portale ti mostra i due valori e tu scegli quale tenere. Il resto è già salvato."] },
    ],
  },
  {
    title: "Inviare",
    answers: [
      { id: "click-day", question: "Che cosa faccio alle 9 del click day?", answers: ["Apri la pagina dell'invio qualche minuto prima e premi una volta. Non ricaricare la pagina e non premere più volte: non dà vantaggi. Conta l'istante in cui la richiesta arriva al portale."] },
      { id: "orologio", question: "Il mio orologio è diverso", answers: ["Conta l'ora del portale, che vedi nella pagina dell'invio e in [Stato del portale](/stato)."] },
      { id: "errore-invio", question: "Ho premuto e ho visto un errore", answers: ["Il portale riprova da solo e conserva l'istante in cui la richiesta è arrivata. Se premi di nuovo ottieni la stessa ricevuta, non una seconda domanda."] },
      { id: "ricevuta", question: "Dove trovo la ricevuta?", answers: ["In «Domande inviate», sempre. Chiunque può controllare che sia autentica in [Verifica una ricevuta](/verifica-ricevuta)."] },
      { id: "posizione", question: "Sono in quota?", answers: ["La posizione definitiva e il numero di protocollo arrivano qualche minuto dopo l'invio: li vedi nella tua domanda, e lì c'è scritto se è in quota. Il codice della ricevuta non indica la posizione."] },
    ],
  },
  {
    title: "Dopo l'invio",
    answers: [
      { id: "conferma", question: "Quando devo confermare?", answers: ["Quando ricevi la PEC che lo chiede. Hai 15 giorni dal suo invio. La scadenza esatta è nella domanda, con il tempo che resta."] },
      { id: "rinuncia", question: "Ho rinunciato per errore", answers: ["Puoi annullare la rinuncia entro 60 minuti, e comunque non oltre la fine del termine: come si fa è scritto nella domanda. Dopo è definitiva."] },
      { id: "contratto", question: "Entro quando si consegna il contratto di soggiorno?", answers: ["Entro 15 giorni dall'ingresso in Italia. Va firmato digitalmente (PAdES o CAdES) dal datore di lavoro."] },
      { id: "portale-fermo", question: "Il portale era fermo e il termine è scaduto", answers: ["I periodi in cui il portale non funziona allungano i termini. Se ti serve, scarica dalla domanda l'atto che lo dice, o scrivi [allo Sportello Unico](#sportello-unico)."] },
    ],
  },
  {
    title: "Sicurezza",
    answers: [
      { id: "non-sono-stato-io", question: "È arrivata una PEC per una domanda che non conosco", answers: ["Apri il collegamento «Non sono stato io» nel messaggio e premi il pulsante: la domanda si blocca e l'ufficio la controlla. Aprire il collegamento, da solo, non fa nulla."] },
      { id: "errore-blocco", question: "Ho bloccato una domanda per errore", answers: ["Scrivi [allo Sportello Unico](#sportello-unico) della provincia del lavoro, indicando il numero della domanda: dopo un controllo può sbloccarla."] },
      { id: "computer-condiviso", question: "Uso un computer condiviso", answers: ["Alla fine premi «Esci»: cancella da questo dispositivo tutto ciò che riguarda le tue domande."] },
    ],
  },
];
