// The site as one component: finds the page of the address, loads its code, shows it inside the shell.

import { effect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorState } from "./components/states";
import { Page } from "./components/page";
import { Shell } from "./components/shell";
import { Problem } from "./api/client";
import { expectArrival } from "./routing/arrival";
import { place } from "./routing/location";
import { shownAt, type PageProps } from "./routing/pages";
import type { Params } from "./routing/match";
import { RequireSession } from "./session/require-session";
import { it } from "./texts/it";

/** A page whose code is here. */
export interface Shown {
  key: string;
  Content: ComponentType<PageProps>;
  params: Params;
  isPrivate: boolean;
}

function NotFound() {
  return (
    <Page title={it.notFound.title}>
      <p>{it.notFound.text}</p>
      <p>
        <a class="btn btn-primary" href="/">
          {it.notFound.home}
        </a>
      </p>
      <p>
        <a href="/aiuto">{it.notFound.help}</a>
      </p>
    </Page>
  );
}

function Unreachable() {
  return (
    <Page title={it.state.errorTitle}>
      <ErrorState problem={Problem.network()} onRetry={() => location.reload()} />
    </Page>
  );
}

/** Loads the page of a path. */
export async function pageAt(path: string): Promise<Shown> {
  const found = shownAt(path);
  if (!found) return { key: "not-found", Content: NotFound, params: {}, isPrivate: false };
  const key = `${found.pattern} ${JSON.stringify(found.params)}`;
  try {
    const { default: Content, prepare } = await found.entry.load();
    await prepare?.(found.params);
    return { key, Content, params: found.params, isPrivate: found.entry.access === "private" };
  } catch {
    return { key: `${key} unreachable`, Content: Unreachable, params: {}, isPrivate: false };
  }
}

/** The whole site; `first` is the page of the address with which the visit begins. */
export function App({ first }: { first: Shown }) {
  const [shown, setShown] = useState(first);
  useEffect(() => {
    let latest = place.value.path;
    return effect(() => {
      const { path, hash } = place.value;
      if (path === latest) return;
      latest = path;
      void pageAt(path).then((next) => {
        // The reader went on meanwhile.
        if (latest !== path) return;
        const scroll = (history.state as { scroll?: number } | null)?.scroll ?? 0;
        expectArrival(hash, scroll);
        setShown(next);
      });
    });
  }, []);
  const { key, Content, params, isPrivate } = shown;
  return (
    <Shell>{isPrivate ? <RequireSession><Content key={key} params={params} /></RequireSession> : <Content key={key} params={params} />}</Shell>
  );
}
