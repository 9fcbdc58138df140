// Canned applications in the states after the sending in which something is asked, decided or held up, and in a section that
// is closed, each with what happened to it. Labels of terms and reasons are those of shared/domain.

import { communicationsOf, endOf, historyOf, inClosedSection, inState, sent, soon, term, undoTerm } from "./data.mjs";

const DAY_H = 24;
const number = (n) => inState.submitted().id.slice(0, -2) + n;

/** When it happened that was at another time than usual, by application and event. The numbers are hours from now. */
const HOURS = {
  refusalAnnounced: { "announce-refusal": -4 * DAY_H },
  refused: { "take-charge": -40 * DAY_H, "announce-refusal": -25 * DAY_H, refuse: -3 * DAY_H },
  renouncing: { renounce: -0.5 },
  renounced: { renounce: -1.05, "complete-renunciation": -0.05 },
  expired: { "take-charge": -30 * DAY_H, grant: -25 * DAY_H, "report-checks": -17 * DAY_H },
  onHold: { "take-charge": -30 * DAY_H, grant: -25 * DAY_H, "report-checks": -19 * DAY_H },
};
const TIMES = Object.fromEntries(Object.entries(HOURS).map(([name, hours]) => [name, Object.fromEntries(Object.entries(hours).map(([event, at]) => [event, soon(at)]))]));
// A case expires some minutes after the end of its term.
for (const name of ["expired", "onHold"]) TIMES[name].expire = new Date(endOf("confirmation", TIMES[name]["report-checks"]) + 600_000).toISOString();

/** What became of a letter that was not simply delivered. */
const FATES = { onHold: { "confirmation-request": "accepted" } };

/** One of each, the one begun last first. */
export const later = {
  /** Names are not shown where the section cannot be read. */
  closedSection: () => inClosedSection(inState.toComplete()),
  integration: () => ({ ...inState.integration(), id: number("30") }),
  refusalAnnounced: () => sent("refusal-announced", { id: number("31"), term: term("preavviso", TIMES.refusalAnnounced["announce-refusal"]) }),
  refused: () => sent("refused", { id: number("32"), term: term("archiving", TIMES.refused.refuse) }),
  granted: () => sent("granted", { id: number("33"), term: term("nulla-osta-validity", soon(-9 * DAY_H)) }),
  renouncing: () => sent("renouncing", { id: number("34"), term: undoTerm(TIMES.renouncing.renounce) }),
  renounced: () => sent("renounced", { id: number("35") }),
  /** The office looks at it. */
  expired: () => sent("expired-to-verify", { id: number("37"), term: term("verification", TIMES.expired.expire) }),
  /** No term runs while no receipt says that the request was delivered. */
  onHold: () =>
    sent("expired-to-verify", {
      id: number("36"), worker: "Ouédraogo Issa",
      hold: {
        code: "confirmation-without-receipt",
        text: "Il termine per rispondere è passato, ma non risulta ancora la ricevuta di consegna della PEC che ti chiedeva la conferma. Per questo il nulla osta non viene revocato automaticamente: decide un funzionario dello Sportello Unico. Che cosa fare: se la PEC non ti è arrivata o non hai potuto rispondere, scrivi per PEC allo Sportello Unico e spiega che cosa è successo.",
      },
    }),
};

/** What is answered about one of them: itself, what happened to it, and what was written about it. */
export function answersOf(name) {
  const [times, fates] = [TIMES[name] ?? {}, FATES[name] ?? {}];
  return {
    "GET /api/applications/:id": later[name],
    "GET /api/applications/:id/history": (_, { application }) => historyOf(application, times),
    "GET /api/applications/:id/communications": (_, { application }) => communicationsOf(application, times, fates),
  };
}
