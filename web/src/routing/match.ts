// Finds the page of a path: `/domande/:id/compila/:section?` against `/domande/a1/compila`. Pure.

/** What the variable parts of a pattern stand for. */
export type Params = Readonly<Record<string, string>>;

/** The values of a pattern's variable parts; null where the path does not fit. A part with `?` may be absent at the end. */
export function fits(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/").slice(1);
  const given = path.split("/").slice(1);
  if (given.length > wanted.length) return null;
  const params: Record<string, string> = {};
  for (const [n, part] of wanted.entries()) {
    const value = given[n];
    if (!part.startsWith(":")) {
      if (value !== part) return null;
      continue;
    }
    const isOptional = part.endsWith("?");
    const name = part.slice(1, isOptional ? -1 : undefined);
    if (value === undefined || value === "") {
      if (isOptional) continue;
      return null;
    }
    try {
      params[name] = decodeURIComponent(value);
    } catch {
      return null;
    }
  }
  return params;
}

/** The path of a page with its variable parts filled in. */
export function filled(pattern: string, params: Params): string {
  const parts = pattern.split("/").flatMap((part) => {
    if (!part.startsWith(":")) return [part];
    const value = params[part.replace(/^:|\?$/g, "")];
    return value === undefined ? [] : [encodeURIComponent(value)];
  });
  return parts.join("/") || "/";
}

/** The first pattern that fits; patterns without variable parts go first, so that `/domande/nuova` is no `/domande/:id`. */
export function find<P extends string>(patterns: readonly P[], path: string): { pattern: P; params: Params } | null {
  const fixedFirst = [...patterns].sort((a, b) => variableParts(a) - variableParts(b));
  for (const pattern of fixedFirst) {
    const params = fits(pattern, path);
    if (params) return { pattern, params };
  }
  return null;
}

const variableParts = (pattern: string) => pattern.split(":").length;
