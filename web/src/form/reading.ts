// Reads JSON whose shape the API's contract leaves open, and names the place where it is another.

/** Throws where it is no object. */
export function record(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(place);
  return value as Record<string, unknown>;
}

/** Throws where it is no list. */
export function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(place);
  return value;
}

/** Throws where it is no text. */
export function text(value: unknown, place: string): string {
  if (typeof value !== "string") throw new ShapeError(place);
  return value;
}

/** Throws where it is no number. */
export function number(value: unknown, place: string): number {
  if (typeof value !== "number") throw new ShapeError(place);
  return value;
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function flag(value: unknown): boolean {
  return value === true;
}

/** The JSON has another shape than the contract says. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";

  constructor(place: string) {
    super(`another shape than expected: ${place}`);
  }
}
