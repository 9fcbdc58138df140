// First step: which application. What cannot be begun now is told with its date.

import { serverNow } from "../../clock/clock";
import { ChoiceGroup } from "../../components/controls";
import { Empty } from "../../components/states";
import { toTheMinute } from "../../dates/instant";
import { contains, standing } from "../../facts/calendar";
import type { Campaign, Model } from "../../facts/facts";
import { to } from "../../routing/pages";
import { texts as all } from "../../texts/it/start";

const texts = all.model;

/** A model of a campaign. */
export interface Offer {
  campaign: Campaign;
  model: Model;
}

/** The models that have a form. */
export function offers(campaigns: readonly Campaign[]): Offer[] {
  return campaigns.flatMap((campaign) => campaign.models.filter((model) => model.can_be_filled_in).map((model) => ({ campaign, model })));
}

/** How a model is called, with its decree where there are several. */
export function titleOf({ campaign, model }: Offer, isOne: boolean): string {
  return isOne ? model.label : `${model.label} – ${campaign.title}`;
}

function stands({ campaign, model }: Offer) {
  const now = serverNow() + campaign.clock_offset_ms;
  if (model.off_quota && contains(model.off_quota, now)) return { state: "open", until: model.off_quota.until } as const;
  return standing(model.start, now);
}

interface Props {
  all: readonly Offer[];
  chosen: string;
  error: string | null;
  onChoose: (value: string) => void;
}

/** The choice. */
export function ModelChoice({ all: every, chosen, error, onChoose }: Props) {
  const isOne = new Set(every.map(({ campaign }) => campaign.campaign)).size === 1;
  const judged = every.map((offer) => ({ offer, now: stands(offer) }));
  const open = judged.filter(({ now }) => now.state === "open");
  const closed = judged.filter(({ now }) => now.state !== "open");
  return (
    <>
      <h2>{texts.title}</h2>
      {open.length === 0 ? (
        <Empty message={texts.none}>
          <p>
            <a href={to("/calendario")}>{texts.calendar}</a>
          </p>
        </Empty>
      ) : (
        <ChoiceGroup
          id="model"
          label={texts.choose}
          error={error}
          choices={open.map(({ offer, now }) => ({
            value: `${offer.campaign.campaign}/${offer.model.id}`,
            label: titleOf(offer, isOne),
            ...(now.state === "open" && now.until ? { help: texts.until(toTheMinute(now.until, "end")) } : {}),
          }))}
          value={chosen ? [chosen] : []}
          onChange={([value = ""]) => onChoose(value)}
        />
      )}
      {closed.length > 0 && (
        <>
          {/* Where nothing is open, the sentence above has said so. */}
          {open.length > 0 && <h3>{texts.closed}</h3>}
          <ul>
            {closed.map(({ offer, now }) => (
              <li key={`${offer.campaign.campaign}/${offer.model.id}`}>
                {titleOf(offer, isOne)}: {now.state === "opens" ? texts.opens(toTheMinute(now.at)) : texts.over(now.state === "over" && now.since ? toTheMinute(now.since, "end") : null)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
