// The value of a field that asks for a document: which upload it is and what the checks found. Nobody types one.

/** A file that passed the checks, as the content of an application holds it. */
export interface StoredDocument {
  readonly bytes: number;
  readonly media_type: string;
  readonly sha256: string;
  readonly upload: string;
}

/** Reads a stored value; none for anything else. */
export function readDocument(value: unknown): StoredDocument | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { bytes, media_type, sha256, upload, ...others } = value as Record<string, unknown>;
  const isWhole =
    typeof bytes === "number" && typeof media_type === "string" && typeof sha256 === "string" && typeof upload === "string";
  return isWhole && Object.keys(others).length === 0 ? { bytes, media_type, sha256, upload } : undefined;
}
