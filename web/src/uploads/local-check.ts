// What this page can say about a file before it travels. The server looks into it and has the last word.

import { uploadTexts } from "../texts/it/uploads";

/** What may be uploaded: formats by their endings, as forms name them. */
export interface Limits {
  readonly maxBytes: number;
  readonly formats: readonly string[];
}

/** What a page knows of a chosen file. */
export interface ChosenFile {
  readonly name: string;
  readonly size: number;
  /** The browser's guess; often empty. */
  readonly type: string;
}

/** Media types that a permission may declare. */
export type MediaType = "application/pdf" | "application/pkcs7-mime" | "image/jpeg" | "image/png";

interface Format {
  readonly label: string;
  readonly mediaType: MediaType;
  readonly endings: readonly string[];
  /** Other names that browsers give. */
  readonly aliases: readonly string[];
}

const FORMATS: Readonly<Record<string, Format>> = {
  pdf: { label: "PDF", mediaType: "application/pdf", endings: ["pdf"], aliases: [] },
  p7m: { label: "P7M", mediaType: "application/pkcs7-mime", endings: ["p7m"], aliases: ["application/x-pkcs7-mime"] },
  jpg: { label: "JPEG", mediaType: "image/jpeg", endings: ["jpg", "jpeg"], aliases: [] },
  png: { label: "PNG", mediaType: "image/png", endings: ["png"], aliases: [] },
};

const known = ({ formats }: Limits) => formats.flatMap((format) => FORMATS[format] ?? []);

/** The type to declare, or what to do about the file. */
export function checkLocally(file: ChosenFile, limits: Limits): { readonly mediaType: MediaType } | { readonly message: string } {
  const format = formatOf(file, limits);
  if (!format) return { message: uploadTexts.wrongType(formatsInWords(limits)) };
  if (file.size === 0) return { message: uploadTexts.blank };
  if (file.size > limits.maxBytes) return { message: uploadTexts.tooLarge(sizeInWords(file.size), sizeInWords(limits.maxBytes)) };
  return { mediaType: format.mediaType };
}

/** By its ending; of a file without one, as telephones have them, by what the browser says. */
function formatOf({ name, type }: ChosenFile, limits: Limits): Format | undefined {
  const [, ending] = /\.([^.]+)$/.exec(name.trim().toLowerCase()) ?? [];
  if (ending !== undefined) return known(limits).find(({ endings }) => endings.includes(ending));
  return known(limits).find(({ mediaType, aliases }) => mediaType === type || aliases.includes(type));
}

/** For the browser's dialog: `.pdf,.p7m`. */
export function accepted(limits: Limits): string {
  return known(limits).flatMap(({ endings }) => endings.map((ending) => `.${ending}`)).join(",");
}

/** `PDF o P7M`. */
export function formatsInWords(limits: Limits): string {
  const labels = known(limits).map(({ label }) => label);
  const last = labels.at(-1) ?? "";
  return labels.length > 1 ? `${labels.slice(0, -1).join(", ")} o ${last}` : last;
}

/** `340 kB`, `1,2 MB`; rounded up, so that what is too large never reads like the limit. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) return bytes === 1 ? "1 byte" : `${bytes} byte`;
  const tenths = bytes < 1_000_000 ? Math.ceil(bytes / 1_000) * 10 : Math.ceil(bytes / 100_000);
  const [whole, rest] = [Math.floor(tenths / 10), tenths % 10];
  return `${whole}${rest === 0 ? "" : `,${rest}`} ${bytes < 1_000_000 ? "kB" : "MB"}`;
}
