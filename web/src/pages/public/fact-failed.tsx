// What stands where a fact could not be read.

import { readFact } from "../../facts/facts";
import { Icon } from "../../components/icon";
import { Callout } from "../../components/messages";
import { facts } from "../../texts/it/public";

/** Says so, and reads the file again on demand. */
export function FactFailed({ url }: { url: string }) {
  return (
    <Callout tone="warning" title={facts.failed}>
      <button type="button" class="btn btn-outline-primary" onClick={() => void readFact(url, true)}>
        <Icon name="refresh" />
        {facts.retry}
      </button>
    </Callout>
  );
}
