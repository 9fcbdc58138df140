// Planned maintenance, where pages announce it.

import { toTheMinute } from "../../dates/instant";
import { useFact, type Maintenance } from "../../facts/facts";
import { FactsRegion } from "../../facts/region";
import { MaintenanceBox, MaintenanceItem } from "../../facts/views";
import { texts } from "../../texts/it/facts";
import { FactFailed } from "./fact-failed";

function items(planned: readonly Maintenance[]) {
  return planned.map((one) => <MaintenanceItem key={one.from} from={toTheMinute(one.from)} until={toTheMinute(one.until, "end")} text={one.text} />);
}

const toCome = (planned: readonly Maintenance[]) => planned.filter((one) => Date.parse(one.until) > Date.now());

/** The whole list, or that there is none. */
export function MaintenanceList() {
  const fact = useFact("status.json");
  const planned = fact.state === "ready" ? toCome(fact.data.maintenance ?? []) : [];
  const live =
    fact.state === "loading" ? null : fact.state === "failed" ? (
      <FactFailed url="/facts/status.json" />
    ) : planned.length > 0 ? (
      <ul class="plain">{items(planned)}</ul>
    ) : (
      <p>{texts.noMaintenance}</p>
    );
  return <FactsRegion name="maintenance" live={live} without={texts.noMaintenance} lines={2} />;
}

/** Only where one is planned: on the home page. */
export function MaintenanceNote() {
  const fact = useFact("status.json");
  const planned = fact.state === "ready" ? toCome(fact.data.maintenance ?? []) : [];
  const live = fact.state === "loading" ? null : planned.length === 0 ? <></> : <MaintenanceBox maintenance={items(planned)} />;
  return <FactsRegion name="maintenance-note" live={live} />;
}
