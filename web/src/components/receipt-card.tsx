// The proof that an application was sent, as it is shown, printed and read aloud.

import type { ComponentChildren } from "preact";
import { toTheMillisecond } from "../dates/instant";
import { it } from "../texts/it";
import { Code } from "./code";
import { Icon } from "./icon";
import { SummaryList } from "./lists";
import { modelName } from "./rich";

interface Props {
  code: string;
  arrival: string;
  model: string;
  application: string;
  digest: string;
  /** Downloads, print, QR. */
  children?: ComponentChildren;
}

/** *Codice ricevuta*, arrival to the millisecond, digest. */
export function ReceiptCard({ code, arrival, model, application, digest, children }: Props) {
  return (
    <section class="receipt" aria-labelledby="receipt-title">
      <h2 id="receipt-title">
        <Icon name="check-circle" />
        {it.receipt.title}
      </h2>
      <SummaryList
        rows={[
          { name: it.receipt.code, value: <strong class="receipt-code code" translate={false}>{code}</strong> },
          { name: it.receipt.arrival, value: toTheMillisecond(arrival) },
          { name: it.receipt.model, value: modelName(model) },
          { name: it.receipt.application, value: <Code text={application} /> },
          { name: it.receipt.digest, value: <Code text={digest} /> },
        ]}
      />
      {children}
    </section>
  );
}
