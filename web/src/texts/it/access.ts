// The texts of signing in.

/** The texts. */
export const texts = {
  title: "Accedi",
  lead: "Per preparare e inviare le domande entra con la tua identità digitale: SPID di livello 2 oppure CIE (Carta d'identità elettronica).",
  back: "Dopo l'accesso torni alla pagina in cui eri.",
  spid: "Entra con SPID",
  cie: "Entra con CIE",
  noSpid: "Non hai SPID?",
  noSpidText: "SPID (Sistema pubblico di identità digitale) si chiede a un gestore autorizzato. Se hai la Carta d'identità elettronica e il suo PIN puoi usare la CIE.",
  providers: "Come scegliere il gestore di identità SPID",
  getCie: "Come usare la CIE",
  mailTitle: "Hai solo un'utenza con e-mail e password?",
  mailText: "Con e-mail e password puoi leggere le tue domande e le comunicazioni, ma non puoi iniziare, compilare né inviare domande: per questo serve SPID di livello 2 o CIE.",
  email: "E-mail utente",
  password: "Password",
  code: "Codice ricevuto per e-mail",
  codeHelp: "Dopo alcuni tentativi sbagliati serve anche un codice. Chiedilo e scrivilo qui.",
  askCode: "Ricevi un codice per e-mail",
  codeAsked: "Se l'indirizzo ha un'utenza, il codice è in arrivo.",
  enter: "Entra con e-mail e password",
  needEmail: "Scrivi il tuo indirizzo e-mail.",
  needPassword: "Scrivi la tua password.",
  outcome: {
    title: "L'accesso non è riuscito",
    unknown: "L'accesso non è andato a buon fine e non sappiamo il motivo. Ricomincia: ciò che avevi salvato è al sicuro.",
    again: "Riprova ad accedere",
    home: "Vai alla pagina iniziale",
  },
};
