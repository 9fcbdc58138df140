// The texts of the personal area.

/** The texts. */
export const texts = {
  title: "Area personale",
  who: "Chi sei",
  forWhom: "Per chi lavori",
  forYourself: "Per te o per l'impresa che rappresenti",
  role: "Profilo",
  roles: {
    employer: "Datore di lavoro o rappresentante",
    operator: "Operatore di un'organizzazione",
    "organisation-contact": "Referente dell'organizzazione",
    officer: "Funzionario dello Sportello Unico",
    "prefecture-officer": "Funzionario di prefettura",
    directorate: "Direzione centrale",
    administrator: "Amministratore",
  } as Partial<Record<string, string>>,
  level: "Come sei entrato",
  strong: "SPID o CIE",
  weak: "E-mail e password: puoi leggere, non compilare né inviare",
  now: "Da fare adesso",
  nothingNow: "Non c'è niente che scade.",
  more: (n: number) => `Vedi anche altre ${n} domande`,
  open: "Puoi continuare quando vuoi",
  waiting: "In attesa di altri",
  nothingWaiting: "Nessuna domanda aspetta altri.",
  services: "Servizi",
  begin: "Compila una nuova domanda",
  office: "Le pagine per gli uffici non sono ancora su questo portale.",
  applications: (n: number) => (n === 1 ? "1 domanda" : `${n} domande`),
  employerCode: "Datore di lavoro",
  codeUntil: (when: string) => `Il codice vale fino a ${when}`,
};
