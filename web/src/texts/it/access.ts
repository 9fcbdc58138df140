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
  outEverywhere: "Uscita da tutti i dispositivi",
  outEverywhereText: "Tutte le sessioni aperte con la tua utenza sono chiuse, anche quella di questo browser. Per continuare entra di nuovo.",
  mailTitle: "Hai solo un'utenza con e-mail e password?",
  mailText: "Con e-mail e password puoi leggere le tue domande e le comunicazioni, ma non puoi iniziare, compilare né inviare domande: per questo serve SPID di livello 2 o CIE.",
  email: "Indirizzo e-mail",
  password: "Password",
  enter: "Entra con e-mail e password",
  forgotten: "Password dimenticata",
  noAccount: "Non hai ancora un'utenza?",
  register: "Registrati",
  needEmail: "Scrivi il tuo indirizzo e-mail.",
  needPassword: "Scrivi la tua password.",
  outcome: {
    title: "L'accesso non è riuscito",
    happened: "Che cosa è successo",
    unknown: "L'accesso non è andato a buon fine e non sappiamo il motivo. Ricomincia: ciò che avevi salvato è al sicuro.",
    again: "Riprova ad accedere",
    home: "Vai alla pagina iniziale",
  },
};
