// Where people sign in: SPID and CIE as plain links, which work without JavaScript, and e-mail while that is open.

import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../../clock/clock";
import { Icon } from "../../components/icon";
import { Details } from "../../components/messages";
import { Page } from "../../components/page";
import { contains, shown } from "../../facts/calendar";
import { useFact } from "../../facts/facts";
import { place } from "../../routing/location";
import { keepWayBack } from "../../session/way-back";
import { texts } from "../../texts/it/access";
import { MailForm } from "./mail-form";
import { returnTo } from "./return-to";

const PROVIDERS = "https://www.spid.gov.it/cos-e-spid/come-scegliere-tra-gli-idp/";
const CARD = "https://www.cartaidentita.interno.gov.it/cittadini/entra-con-cie/";

/** The page. */
export default function SignIn() {
  // The written page knows no address: the first picture is the same for all, the way back comes after it.
  const [target, setTarget] = useState<string | null>(null);
  const { search } = place.value;
  useEffect(() => {
    const wanted = returnTo(search);
    setTarget(wanted);
    if (wanted) keepWayBack(wanted);
  }, [search]);
  const fact = useFact("calendar.json");
  const campaigns = fact.state === "ready" ? shown(fact.data.campaigns, serverNow()) : [];
  const isMailOpen = campaigns.some(({ password_sign_in, clock_offset_ms }) => password_sign_in && contains(password_sign_in, serverNow() + clock_offset_ms));
  const href = `/api/sign-in/spid?level=2${target ? `&return_to=${encodeURIComponent(target)}` : ""}`;
  return (
    <Page title={texts.title} lead={texts.lead}>
      {target && <p>{texts.back}</p>}
      <div class="sign-in">
        <a class="btn btn-primary" href={href}>
          <Icon name="user" />
          {texts.spid}
        </a>
        <a class="btn btn-outline-primary" href={href}>
          <Icon name="locked" />
          {texts.cie}
        </a>
      </div>
      <Details title={texts.noSpid}>
        <p>{texts.noSpidText}</p>
        <ul>
          <li>
            <a href={PROVIDERS} rel="noreferrer">
              {texts.providers}
            </a>
          </li>
          <li>
            <a href={CARD} rel="noreferrer">
              {texts.getCie}
            </a>
          </li>
        </ul>
      </Details>
      {isMailOpen && (
        <Details title={texts.mailTitle}>
          <MailForm target={target ?? "/area"} />
        </Details>
      )}
    </Page>
  );
}
