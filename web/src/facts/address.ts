// Where the published calendar is; apart from what reads it, so that the clock of the first load needs nothing else.

/** The file of all campaigns' windows. */
export const CALENDAR = "/facts/calendar.json";
