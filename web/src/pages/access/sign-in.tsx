// Where people sign in: SPID and CIE as plain links, which work without JavaScript, and e-mail while that is open.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../components/icon";
import { Callout, Details } from "../../components/messages";
import { Page } from "../../components/page";
import { place } from "../../routing/location";
import { to } from "../../routing/pages";
import { keepWayBack } from "../../session/way-back";
import { texts } from "../../texts/it/access";
import { texts as accounts } from "../../texts/it/account";
import { usePasswordSignIn } from "../account/password-sign-in";
import { MailForm } from "./mail-form";
import { returnTo } from "./return-to";

const PROVIDERS = "https://www.spid.gov.it/cos-e-spid/come-scegliere-tra-gli-idp/";
const CARD = "https://www.cartaidentita.interno.gov.it/cittadini/entra-con-cie/";

/** The page. */
export default function SignIn() {
  // The written page knows no address: the first picture is the same for all, the way back comes after it.
  const [target, setTarget] = useState<string | null>(null);
  const [asked, setAsked] = useState({ isOutEverywhere: false, isByMail: false });
  const { search } = place.value;
  useEffect(() => {
    const wanted = returnTo(search);
    setTarget(wanted);
    if (wanted) keepWayBack(wanted);
    const query = new URLSearchParams(search);
    setAsked({ isOutEverywhere: query.get("uscita") === "ovunque", isByMail: query.get("modo") === "email" });
  }, [search]);
  const standing = usePasswordSignIn();
  const href = `/api/sign-in/spid?level=2${target ? `&return_to=${encodeURIComponent(target)}` : ""}`;
  return (
    <Page title={texts.title} lead={texts.lead}>
      {asked.isOutEverywhere && (
        <Callout tone="success" title={texts.outEverywhere}>
          <p>{texts.outEverywhereText}</p>
        </Callout>
      )}
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
      {standing === "open" && (
        // A new element for who comes to use it: opened, and not opened later over somebody's reading.
        <Details key={`${asked.isByMail}`} title={texts.mailTitle} isOpen={asked.isByMail}>
          <MailForm target={target ?? to("/area")} />
        </Details>
      )}
      {standing === "closed" && (
        <Details key={`${asked.isByMail}`} title={texts.mailTitle} isOpen={asked.isByMail}>
          <p>{accounts.shared.closedText}</p>
        </Details>
      )}
    </Page>
  );
}
