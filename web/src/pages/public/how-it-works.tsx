// The whole procedure, step by step, with who acts.

import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { Paragraphs, Rich } from "../../components/rich";
import { texts } from "../../texts/it/how-it-works";

/** The page. */
export default function HowItWorks() {
  return (
    <Page title={texts.title} lead={texts.lead}>
      <h2>{texts.before}</h2>
      <ul>
        {texts.beforeTexts.map((text) => (
          <li key={text}>
            <Rich text={text} />
          </li>
        ))}
      </ul>
      <h2>{texts.stepsTitle}</h2>
      <ol class="steps-list">
        {texts.steps.map((step) => (
          <li key={step.title}>
            <h3>{step.title}</h3>
            <p class="field-help">
              {texts.who} {texts.whoNames[step.who]}
            </p>
            <Paragraphs texts={step.texts} />
          </li>
        ))}
      </ol>
      <Callout tone="warning" title={texts.blockTitle} level={2}>
        <p>{texts.blockText}</p>
      </Callout>
      <h2>{texts.limitsTitle}</h2>
      <p>{texts.limitsText}</p>
    </Page>
  );
}
