// Arrival tickets that a closed tab left: only the page of their sending redeems them, and nobody would think of opening it.

import { useEffect, useState } from "preact/hooks";
import { Callout } from "../../components/messages";
import { to } from "../../routing/pages";
import type { Waiting } from "../../sending/tickets";
import { texts } from "../../texts/it/area";

/** A link for each decree and model; nothing where nothing waits. */
export function WaitingTickets({ account }: { account: string }) {
  const [waiting, setWaiting] = useState<readonly Waiting[]>([]);
  useEffect(() => {
    void import("../../sending/tickets")
      .then(({ waitingTickets }) => waitingTickets(account))
      .then(setWaiting)
      // Without the code or the storage the page of sending itself still finds them.
      .catch(() => undefined);
  }, [account]);
  if (waiting.length === 0) return null;
  return (
    <Callout tone="warning" title={texts.tickets.title}>
      <p>{texts.tickets.text}</p>
      <ul>
        {waiting.map(({ campaign, model, number }) => (
          <li key={`${campaign} ${model}`}>
            <a href={to("/invio/:campaign/:model", { campaign, model })}>{texts.tickets.go(number)}</a>
          </li>
        ))}
      </ul>
    </Callout>
  );
}
