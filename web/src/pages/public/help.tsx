// Answers by task, a search in them, and how to reach the help desk.

import { useState } from "preact/hooks";
import { TextField } from "../../components/field";
import { announce } from "../../components/live";
import { Callout, Details } from "../../components/messages";
import { Page } from "../../components/page";
import { Paragraphs, Rich } from "../../components/rich";
import { helpAddress, isProduction } from "../../environment";
import { it } from "../../texts/it";
import { texts, topics, type Answer } from "../../texts/it/help";

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether each word that was typed stands in the question or in an answer. */
export function answersTo({ question, answers }: Answer, typed: string): boolean {
  const text = plain([question, ...answers].join(" "));
  return plain(typed).split(/\s+/).every((word) => text.includes(word));
}

/** The page. */
export default function Help() {
  const [typed, setTyped] = useState("");
  const shown = topics
    .map((topic) => ({ ...topic, answers: topic.answers.filter((answer) => answersTo(answer, typed)) }))
    .filter((topic) => topic.answers.length > 0);
  const count = shown.reduce((sum, topic) => sum + topic.answers.length, 0);
  return (
    <Page title={texts.title} lead={texts.lead}>
      <search>
        <TextField
          id="cerca"
          type="search"
          label={texts.search}
          help={texts.searchHelp}
          value={typed}
          onInput={setTyped}
          onBlur={() => typed && announce(texts.found(count))}
        />
      </search>
      {typed && <p>{texts.found(count)}</p>}
      {shown.map((topic) => (
        <section key={topic.title}>
          <h2>{topic.title}</h2>
          {topic.answers.map((answer) => (
            <Details key={answer.id} id={answer.id} title={answer.question}>
              <Paragraphs texts={answer.answers} />
            </Details>
          ))}
        </section>
      ))}
      <section id="help-desk">
        <h2>{texts.contactTitle}</h2>
        <p>
          <Rich text={texts.contactLink(helpAddress)} />
        </p>
        {!isProduction && (
          <Callout tone="info" title={it.portal.testEnvironment}>
            <p>{texts.contactTest}</p>
          </Callout>
        )}
        <Paragraphs texts={texts.contactTexts} />
        <h3 id="sportello-unico">{texts.officeTitle}</h3>
        <Paragraphs texts={texts.officeTexts} />
      </section>
    </Page>
  );
}
