// What stands where an answer that others give is not there yet.

import { responsibleRegistry, type Completeness } from "../../form/completeness";
import type { Field } from "../../form/schema";
import { registryTexts } from "../../form/section-status";
import { formTexts } from "../../texts/it/form";
import type { OpenDraft } from "./open-draft";

/** Who gives it, or that nobody has; what may stay empty is no gap. */
export function whyEmpty(draft: OpenDraft, field: Field, { view }: Completeness): string {
  const empty = view.isRequired(field) ? formTexts.empty : formTexts.leftEmpty;
  if (field.type.kind === "file") return empty;
  if (field.derive) return formTexts.computed;
  const registry = responsibleRegistry(draft.model, field, view);
  if (registry === undefined) return empty;
  const { who, from } = registryTexts(registry);
  const hasAnswered = draft.autosave.draft.values.has(field.key);
  return hasAnswered ? formTexts.absent(who) : formTexts.awaited(from, field.handIfAbsent);
}
