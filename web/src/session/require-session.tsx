// Around every private page: asks who is signed in, and leads who is not to the sign-in and back.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Page } from "../components/page";
import { ErrorState, Loading } from "../components/states";
import { navigate, place } from "../routing/location";
import { it } from "../texts/it";
import { loadSession, session, signInLink } from "./session";

/** Shows its children to who is signed in. */
export function RequireSession({ children }: { children: ComponentChildren }) {
  const now = session.value;
  useEffect(() => {
    if (now.state === "unknown") void loadSession();
    if (now.state === "signed-out") {
      const { path, search, hash } = place.value;
      void navigate(signInLink(path + search + hash), { replace: true });
    }
  }, [now.state]);
  if (now.state === "signed-in") return <>{children}</>;
  return (
    <Page title={it.shell.myArea} isPassing={now.state !== "failed"}>
      {now.state === "failed" ? <ErrorState problem={now.problem} onRetry={() => void loadSession()} /> : <Loading />}
    </Page>
  );
}
