// A part of a page that publish-facts rewrites in the stored HTML when facts change: whole without JavaScript, and the live
// content takes its place once the facts were read (docs/adr/0036).

import type { ComponentChildren } from "preact";
import { Loading } from "../components/states";

/** The regions and the templates that fill them. */
export type RegionName = "openings" | "calendar" | "notices" | "status" | "maintenance" | "maintenance-note" | "documents" | "privacy";

const kept = new Map<string, string>();

/** Remembers what the stored HTML held, before the page takes over. */
export function keepWrittenRegions(): void {
  for (const element of document.querySelectorAll<HTMLElement>("[data-facts]")) {
    kept.set(element.dataset["facts"] ?? "", element.innerHTML);
  }
}

interface Props {
  name: RegionName;
  /** The live content; null while the facts are being read. */
  live: ComponentChildren;
  /** Read where nothing was published yet and there is no JavaScript. */
  without?: string;
  /** About how many lines will stand there: their place is kept until the facts are read. */
  lines?: number;
}

const mark = (name: string, content: string) => `<!--facts:${name}-->${content}<!--/facts-->`;
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** What the build writes: all of it lies between the marks, so that filling leaves nothing behind. */
function unfilled(name: string, without: string | undefined, lines: number): string {
  const told = without === undefined ? "" : `<noscript><p>${escaped(without)}</p></noscript>`;
  const line = '<div class="skeleton-line"></div>';
  const skeleton = lines === 0 ? "" : `<div class="skeleton" aria-hidden="true">${line.repeat(lines)}</div>`;
  return mark(name, told + skeleton);
}

/**
 * A region of the page: always one element, since the browser takes over the stored HTML element by element and looks at
 * no attributes while it does.
 */
export function FactsRegion({ name, live, without, lines = 0 }: Props) {
  if (live !== null) return <div key="live">{live}</div>;
  const html = typeof document === "undefined" ? unfilled(name, without, lines) : kept.get(name);
  if (html !== undefined) return <div key="written" data-facts={name} dangerouslySetInnerHTML={{ __html: html }} />;
  return <div key="loading">{lines > 0 && <Loading lines={lines} />}</div>;
}
