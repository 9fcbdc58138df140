// The page of ours to which a sign-in leads, out of `?verso=`; anything else is none.

/** A path of this site with its query, or null. */
export function returnTo(search: string): string | null {
  const wanted = new URLSearchParams(search).get("verso");
  if (wanted === null || !/^\/(?![/\\])/.test(wanted)) return null;
  const target = new URL(wanted, "https://portal.invalid");
  const isOurs = target.origin === "https://portal.invalid" && !target.pathname.startsWith("/api/") && !target.pathname.startsWith("/accesso");
  return isOurs ? target.pathname + target.search : null;
}
