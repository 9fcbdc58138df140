// Whether an address and a password open an account now (ACC-7): some campaign of the calendar says so.

import { serverNow } from "../../clock/clock";
import { contains } from "../../facts/calendar";
import { useFact, type Campaign } from "../../facts/facts";

/** `unknown` while the calendar is on its way, or where it cannot be read: then the API has the word. */
export type PasswordSignIn = "unknown" | "open" | "closed";

/** Whether one campaign says so. */
export function opensByPassword({ password_sign_in, clock_offset_ms }: Campaign): boolean {
  return !!password_sign_in && contains(password_sign_in, serverNow() + clock_offset_ms);
}

/** As it stands now. */
export function usePasswordSignIn(): PasswordSignIn {
  const fact = useFact("calendar.json");
  if (fact.state === "absent") return "closed";
  if (fact.state !== "ready") return "unknown";
  return fact.data.campaigns.some(opensByPassword) ? "open" : "closed";
}
