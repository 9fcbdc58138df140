// Gives the pages of the models their questions, out of docs/forms/*.md, which a test of the domain keeps equal to the forms.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const PREFIX = "virtual:model/";

/** One question of a form. */
export interface ModelField {
  label: string;
  help: string;
  /** Who gives the value. */
  from: "you" | "start" | "registry" | "derived";
  /** Names of registries, first asked first. */
  registries: string[];
  /** It comes within days and not at once. */
  isLater: boolean;
  required: "always" | "sometimes" | "no";
  isFile: boolean;
}

/** A section of a form. */
export interface ModelSection {
  title: string;
  help: string;
  fields: ModelField[];
}

/** A form as the public reads it. */
export interface ModelForm {
  title: string;
  schema: string;
  sections: ModelSection[];
}

const REGISTRIES: Record<string, string> = {
  unioncamere: "Registro delle Imprese",
  "agenzia-entrate": "Agenzia delle Entrate",
  inps: "INPS",
  agid: "INI-PEC e INAD",
};

function cells(line: string): string[] {
  return line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function field(line: string): ModelField {
  const [, type = "", source = "", required = "", label = "", help = ""] = cells(line);
  const isRegistry = source.startsWith("registry:");
  const named = isRegistry ? (source.slice("registry:".length).split(" (")[0] ?? "") : "";
  return {
    label,
    help,
    from: isRegistry ? "registry" : source.startsWith("start") ? "start" : source.startsWith("derived") ? "derived" : "you",
    registries: named.split(", else ").filter(Boolean).map((name) => REGISTRIES[name] ?? name),
    isLater: source.includes("(later)"),
    required: required === "always" ? "always" : required === "no" ? "no" : "sometimes",
    isFile: type.startsWith("file"),
  };
}

/** Reads one document. */
export function readForm(text: string): ModelForm {
  const sections: ModelSection[] = [];
  let title = "";
  let schema = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("# ")) title = line.slice(2).trim();
    else if (line.startsWith("- Schema: ")) schema = line.slice(10).replaceAll("`", "").trim();
    else if (line.startsWith("## ")) sections.push({ title: line.slice(3).trim(), help: "", fields: [] });
    else {
      const section = sections.at(-1);
      if (!section || line === "") continue;
      if (line.startsWith("| `")) section.fields.push(field(line));
      else if (!line.startsWith("|") && section.help === "" && section.fields.length === 0) section.help = line.trim();
    }
  }
  // The last heading is not of the form: rules that look at several of its fields.
  return { title, schema, sections: sections.filter(({ title, fields }) => fields.length > 0 && title !== "Rules over several fields") };
}

/** `import("virtual:model/a-bis")`. */
export function models(): Plugin {
  return {
    name: "portal-models",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const path = fileURLToPath(new URL(`../../docs/forms/${id.slice(PREFIX.length + 1)}.md`, import.meta.url));
      this.addWatchFile(path);
      const form = readForm(readFileSync(path, "utf8"));
      // A test would come too late: pages of a model without questions are a broken build.
      if (form.sections.length === 0) this.error(`${path} holds no sections`);
      return `export default ${JSON.stringify(form)};`;
    },
  };
}
