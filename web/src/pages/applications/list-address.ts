// The filters of a list as its address: state, model, period and page, nothing personal. Pure.

import type { SearchRequest } from "../../api/generated";

/** What an address asks for. */
export interface ListFilters {
  state: string | null;
  /** `df-2026/b2020`. */
  model: string | null;
  from: string | null;
  until: string | null;
  cursor: string | null;
  page: number;
}

const isDay = (text: string | null) => (text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : null);

/** Reads an address. */
export function filtersOf(search: string): ListFilters {
  const query = new URLSearchParams(search);
  const page = Number(query.get("pagina"));
  const cursor = query.get("dopo");
  return {
    state: query.get("stato"),
    model: query.get("modello"),
    from: isDay(query.get("dal")),
    until: isDay(query.get("al")),
    cursor,
    page: cursor !== null && Number.isInteger(page) && page > 1 ? page : 1,
  };
}

/** The query of filters; a changed filter begins at the first page. */
export function queryOf(filters: Partial<ListFilters>): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string | null | undefined) => {
    if (value) query.set(name, value);
  };
  put("stato", filters.state);
  put("modello", filters.model);
  put("dal", filters.from);
  put("al", filters.until);
  put("dopo", filters.cursor);
  if (filters.cursor && filters.page) query.set("pagina", String(filters.page));
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** The search of filters. */
export function searchOf(filters: ListFilters, limit: number): SearchRequest {
  const [campaign, model] = filters.model?.split("/") ?? [];
  return {
    limit,
    ...(filters.state ? { state: filters.state } : {}),
    ...(campaign && model ? { campaign, model } : {}),
    ...(filters.from ? { created_from: filters.from } : {}),
    ...(filters.until ? { created_until: filters.until } : {}),
    ...(filters.cursor ? { cursor: filters.cursor } : {}),
  };
}
