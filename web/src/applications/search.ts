// Searches applications; names and codes travel in the body, never in an address.

import { api, call } from "../api/client";
import type { ApplicationList, SearchRequest } from "../api/generated";

/** A page of what fits; the first page has the counts by state. */
export async function searchFor(wanted: SearchRequest, signal?: AbortSignal): Promise<ApplicationList> {
  const { data } = await call((options) => api.searchApplications(wanted, options), signal ? { signal } : {});
  return data;
}
