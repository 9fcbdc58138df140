// The one status of a section in the task list, from how complete it is and what is wrong in it.

import { formTexts } from "../texts/it/form";
import type { Answers, Completeness, Mistake } from "./completeness";
import type { Model, Section } from "./schema";
import { isWritable } from "./source";

export type SectionStatus =
  | { readonly kind: "complete" | "wrong" | "untouched" }
  | { readonly kind: "missing"; readonly count: number }
  /** Names of registries as the model writes them, or `portal`. */
  | { readonly kind: "awaiting"; readonly whom: readonly string[] };

/**
 * The status of a section. `refused` are fields whose typed text is not saved because it is wrong.
 *
 * What a person can mend comes first: mistakes, then gaps, then what others owe.
 */
export function sectionStatus(
  model: Model,
  section: Section,
  answers: Answers,
  { view, sections, mistakes }: Completeness,
  refused: ReadonlySet<string> = new Set(),
): SectionStatus {
  const fields = model.fields.filter((field) => field.section === section.key && view.isAsked(field.key));
  const isWrong = (key: string) => refused.has(key) || mistakes.some((mistake: Mistake) => mistake.field === key);
  if (fields.some((field) => isWrong(field.key))) return { kind: "wrong" };
  const missing = sections.find((each) => each.key === section.key)?.missing ?? [];
  const mine = missing.filter(({ who }) => who === "person").length;
  if (mine > 0) {
    const isBegun = fields.some((field) => isWritable(field, answers.get(field.key)) && view.value(field.key) !== undefined);
    return isBegun ? { kind: "missing", count: mine } : { kind: "untouched" };
  }
  const whom = new Set(missing.map(({ who }) => who.replace(/^registry:/, "")));
  return whom.size > 0 ? { kind: "awaiting", whom: Array.from(whom) } : { kind: "complete" };
}

/** As the task list writes it. */
export function statusLabel(status: SectionStatus): string {
  switch (status.kind) {
    case "missing":
      return formTexts.status.missing(status.count);
    case "awaiting":
      return formTexts.status.awaiting(status.whom.map(nameOf));
    default:
      return formTexts.status[status.kind];
  }
}

/** What people call a registry, or the portal. */
export function nameOf(who: string): string {
  return who === "portal" ? formTexts.portal : registryTexts(who).name;
}

/** The words for a registry. */
export function registryTexts(registry: string) {
  return formTexts.registries[registry] ?? formTexts.otherRegistry(registry);
}

/** The first field of the form that a person still has to fill in or to mend: where «Continua» leads. */
export function firstGap(model: Model, { view, sections, mistakes }: Completeness, refused: ReadonlySet<string> = new Set()): string | undefined {
  const open = new Set<string>([...refused, ...mistakes.map(({ field }) => field)]);
  for (const { missing } of sections) {
    for (const { field, who } of missing) if (who === "person") open.add(field.key);
  }
  const order = new Map(model.sections.map((section, place) => [section.key, place]));
  const asked = model.fields.filter((field) => view.isAsked(field.key) && open.has(field.key));
  return asked.sort((one, other) => (order.get(one.section) ?? 0) - (order.get(other.section) ?? 0))[0]?.key;
}
