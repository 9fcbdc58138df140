// The texts of the home page.

/** The texts. */
export const texts = {
  title: "Chiedi il nulla osta per assumere un lavoratore di un Paese fuori dall'Unione europea",
  lead: "Con questo portale i datori di lavoro preparano e inviano le domande del decreto flussi, e seguono la pratica fino al contratto di soggiorno.",
  signIn: "Accedi con SPID o CIE",
  signInHelp: "SPID e CIE (Carta d'identità elettronica) sono le identità digitali riconosciute dallo Stato. Per le domande serve SPID di livello 2 o CIE.",
  openings: "Quando si inviano le domande",
  allDates: "Tutte le date del calendario",
  over: "Chiuso",
  opensIn: "Apre tra",
  stepsTitle: "Come si fa, in breve",
  steps: [
    { title: "Entra e fai le verifiche preliminari", text: "Il portale controlla nei registri pubblici che tu possa rappresentare l'azienda e che ci sia un indirizzo di posta certificata (PEC)." },
    { title: "Scrivi il codice arrivato per PEC", text: "Il codice apre la compilazione della domanda." },
    { title: "Compila la domanda", text: "Alcuni dati arrivano da soli dai registri. Puoi fermarti e riprendere quando vuoi: salviamo mentre scrivi." },
    { title: "Invia nel giorno stabilito", text: "Il giorno dell'invio (_click day_) premi una volta sola. Ricevi subito la ricevuta con l'ora di arrivo." },
    { title: "Segui la pratica", text: "Trovi qui ogni comunicazione, ogni termine e che cosa devi fare." },
  ],
  howItWorks: "Leggi tutti i passaggi",
  notices: "Avvisi e novità",
  allNotices: "Tutti gli avvisi",
  elsewhere: "Altri servizi",
  elsewhereText: "Qui si chiede solo il nulla osta al lavoro. Per la cittadinanza, il ricongiungimento familiare e il test di italiano vai al [sito del Ministero dell'Interno](https://www.interno.gov.it).",
  helpTitle: "Ti serve aiuto?",
  helpText: "Leggi le risposte alle domande più frequenti o scrivi all'Help Desk.",
  help: "Scrivi all'Help Desk",
  domainTitle: "Controlla l'indirizzo",
  domainText: (domain: string) => `L'unico indirizzo del portale è **${domain}**. Il portale è gratuito: nessuno può chiederti denaro per un posto in quota, né la tua password o i tuoi codici.`,
};
