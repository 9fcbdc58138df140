// What the calendar says of a decree that lets people book the sending: apart from the other views of facts, which the first page
// loads.

import { Callout } from "../../components/messages";
import { texts } from "../../texts/it/armed-calendar";

/** The box. */
export function ArmedBox() {
  return (
    <Callout title={texts.title} level={3}>
      <p>{texts.text}</p>
      <p>{texts.more}</p>
    </Callout>
  );
}
