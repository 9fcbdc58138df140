// Runs in the build: gives the HTML of a path, as the browser will take it over.

import { options } from "preact";
import { renderToString } from "preact-render-to-string";
import { App, pageAt, type Shown } from "./app";
import { Page, written } from "./components/page";
import { place } from "./routing/location";
import { pages, to, type PageEntry, type PagePath } from "./routing/pages";
import { isProduction } from "./environment";
import { it } from "./texts/it";

export { factTemplates } from "./facts/templates";
export { isProduction };

// `translate={false}` is right for the browser's property, and the renderer drops a false: here it must be the attribute.
const before = options.vnode;
options.vnode = (vnode) => {
  const props = vnode.props as { translate?: unknown };
  if (typeof vnode.type === "string" && props.translate === false) props.translate = "no";
  before?.(vnode);
};

/** One written page. */
export interface Written {
  title: string;
  body: string;
}

/** The paths that the build writes. */
export function paths(): string[] {
  return (Object.keys(pages) as PagePath[]).flatMap((pattern) => {
    const { prerender }: PageEntry = pages[pattern];
    if (prerender === true) return [to(pattern)];
    if (prerender === false) return [];
    return prerender.map((model) => to(pattern, { model }));
  });
}

function render(path: string, first: Shown): Written {
  place.value = { path, search: "", hash: "" };
  const body = renderToString(<App first={first} />);
  return { title: written.title, body };
}

/** The HTML of a path. */
export async function write(path: string): Promise<Written> {
  return render(path, await pageAt(path));
}

function Opening() {
  return (
    <Page title={it.opening.title}>
      <noscript>
        <p>{it.opening.withoutScript}</p>
        <p>
          <a href="/">{it.notFound.home}</a>
        </p>
        <p>
          <a href="/aiuto">{it.notFound.help}</a>
        </p>
      </noscript>
    </Page>
  );
}

/** The HTML of every address without a file of its own: whether a page is there is known when the script is. */
export function writeFallback(): Written {
  return render("", { key: "opening", Content: Opening, params: {}, isPrivate: false });
}
