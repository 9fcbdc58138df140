// One model: for whom it is, what to prepare, what it asks and where the values come from.

import { Callout, Details } from "../../components/messages";
import { DataTable } from "../../components/lists";
import { Page } from "../../components/page";
import { Rich } from "../../components/rich";
import { to, type PageProps } from "../../routing/pages";
import { models, texts } from "../../texts/it/models";
import type { ModelField, ModelForm, ModelSection } from "../../../tools/models";

// One chunk each: who reads about one model does not load the others.
const forms: Record<string, () => Promise<{ default: ModelForm }>> = {
  "c-stag-agricoltura": () => import("virtual:model/c-stag-agricoltura"),
  "c-stag-turismo": () => import("virtual:model/c-stag-turismo"),
  b2020: () => import("virtual:model/b2020"),
  "a-bis": () => import("virtual:model/a-bis"),
};

const known = new Map<string, ModelForm>();

/** Loads the questions of a model before its page is shown, so that the built page holds them. */
export async function prepare(params: PageProps["params"]): Promise<void> {
  const model = params["model"] ?? "";
  const load = forms[model];
  if (load && !known.has(model)) known.set(model, (await load()).default);
}

function fromWhom(field: ModelField): string {
  if (field.isFile) return texts.from.file;
  if (field.from !== "registry") return texts.from[field.from];
  const names = field.registries.join(texts.or);
  return field.isLater ? texts.registryLater(names) : texts.registryNow(names);
}

function Questions({ section }: { section: ModelSection }) {
  return (
    <Details title={section.title}>
      {section.help && <p>{section.help}</p>}
      <DataTable
        caption={section.title}
        isCaptionHidden
        items={section.fields}
        keyOf={(field) => field.label}
        columns={[
          {
            key: "label",
            title: texts.fieldColumn,
            isHeader: true,
            cell: (field) => field.label,
          },
          { key: "from", title: texts.fromColumn, cell: fromWhom },
          { key: "needed", title: texts.neededColumn, cell: (field) => texts.needed[field.required] },
        ]}
      />
    </Details>
  );
}

function counts(form: ModelForm): string {
  const all = form.sections.flatMap((section) => section.fields).filter((field) => !field.isFile);
  const registry = all.filter((field) => field.from === "registry");
  const later = registry.filter((field) => field.isLater).length;
  const you = all.filter((field) => field.from === "you").length;
  return texts.counts(you, registry.length - later, later);
}

/** `c-stag-agricoltura@1` is version 1. */
function versionOf(schema: string): string {
  return schema.slice(schema.lastIndexOf("@") + 1);
}

/** The page. */
export default function Model({ params }: PageProps) {
  const id = params["model"] ?? "";
  const form = known.get(id);
  const text = models[id];
  const crumbs = [{ label: texts.crumb, href: to("/modelli") }];
  if (!text) {
    return (
      <Page title={texts.unknownTitle} crumbs={crumbs}>
        <Callout tone="warning" title={texts.unknown} />
        <p>
          <a href={to("/modelli")}>{texts.all}</a>
        </p>
      </Page>
    );
  }
  const list = (items: readonly string[]) => (
    <ul>
      {items.map((item) => (
        <li key={item}>
          <Rich text={item} />
        </li>
      ))}
    </ul>
  );
  return (
    <Page title={text.name} lead={text.short} crumbs={crumbs}>
      <h2>{texts.forWhom}</h2>
      {list(text.forWhom)}
      <h2>{texts.address}</h2>
      {list(text.address)}
      <h2>{texts.papers}</h2>
      {list(text.papers)}
      <h2>{texts.sources}</h2>
      <p>{texts.sourcesText}</p>
      {form && <p>{counts(form)}</p>}
      <h2>{texts.questions}</h2>
      <p>{texts.questionsHelp}</p>
      {form?.sections.map((section) => (
        <Questions key={section.title} section={section} />
      ))}
      <h2>{texts.begin}</h2>
      <p>{texts.beginText}</p>
      <p class="buttons">
        <a class="btn btn-primary" href={to("/domande/nuova")}>
          {texts.beginLink}
        </a>
        <a href={to("/calendario")}>{texts.calendar}</a>
      </p>
      {form && <p class="field-help model-version">{texts.version(versionOf(form.schema))}</p>}
    </Page>
  );
}
