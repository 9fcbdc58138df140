// Gives the pages the states of an application in their order, out of docs/lifecycle.md, which a test of the domain keeps
// equal to the portal's tables: counts by state come without words, and words are never typed twice.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const NAME = "virtual:states";

/** One state. */
export interface LifecycleState {
  code: string;
  /** As people read it, with the step where several states share a name. */
  label: string;
  isSent: boolean;
}

/** Reads the table of states. */
export function readStates(text: string): LifecycleState[] {
  return text.split("\n").flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    const [, code] = /^`([a-z-]+)`$/.exec(cells[2] ?? "") ?? [];
    if (!code || cells.length !== 11 || code === "deleted") return [];
    const [, , , label = "", step = "", , sent] = cells;
    return [{ code, label: step ? `${label} – ${step}` : label, isSent: sent === "✔" }];
  });
}

/** `import states from "virtual:states"`. */
export function states(): Plugin {
  return {
    name: "portal-states",
    resolveId: (id) => (id === NAME ? `\0${id}` : null),
    load(id) {
      if (id !== `\0${NAME}`) return null;
      const path = fileURLToPath(new URL("../../docs/lifecycle.md", import.meta.url));
      this.addWatchFile(path);
      const found = readStates(readFileSync(path, "utf8"));
      if (found.length === 0) this.error(`${path} holds no table of states`);
      return `export default ${JSON.stringify(found)};`;
    },
  };
}
