// How a sign-in ended without a session: the identity provider's refusal in words, and the way to begin again.

import { useEffect, useState } from "preact/hooks";
import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { RequestCode } from "../../components/states";
import { place } from "../../routing/location";
import { to } from "../../routing/pages";
import { signInLink } from "../../session/session";
import { wayBack } from "../../session/way-back";
import { it } from "../../texts/it";
import { texts as access } from "../../texts/it/access";
import { refusals } from "./refusals";

const texts = access.outcome;
/** What most refusals are called, which the page's own title says already. */
const SAME = refusals["accesso-annullato"]?.title;

/** The page. */
export default function Outcome() {
  const [asked, setAsked] = useState<URLSearchParams | null>(null);
  const [again, setAgain] = useState(to("/accesso"));
  const { search } = place.value;
  useEffect(() => {
    setAsked(new URLSearchParams(search));
    const back = wayBack();
    if (back !== null) setAgain(signInLink(back));
  }, [search]);
  const told = refusals[asked?.get("motivo") ?? ""];
  const id = asked?.get("id");
  return (
    <Page title={texts.title} crumbs={[{ label: access.title, href: to("/accesso") }]}>
      <Callout tone="warning" title={told && told.title !== SAME ? told.title : texts.happened}>
        <p>{told?.text ?? texts.unknown}</p>
        {id && /^[\w.~=-]{1,80}$/.test(id) && <RequestCode id={id} />}
      </Callout>
      <p class="buttons">
        <a class="btn btn-primary" href={again}>
          {texts.again}
        </a>
        <a href={to("/aiuto")}>{it.notFound.help}</a>
      </p>
    </Page>
  );
}
