// Titled parts of text, as the statement and the notes have them.

import { Paragraphs, Rich } from "../../components/rich";
import type { Part } from "../../texts/it/legal";

/** One after the other. */
export function WrittenParts({ parts }: { parts: readonly Part[] }) {
  return (
    <>
      {parts.map((part) => (
        <section key={part.title}>
          <h2>{part.title}</h2>
          <Paragraphs texts={part.texts} />
          {part.items && (
            <ul>
              {part.items.map((item) => (
                <li key={item}>
                  <Rich text={item} />
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
    </>
  );
}
