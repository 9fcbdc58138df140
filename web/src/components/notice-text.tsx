// A privacy notice in full.

import type { PrivacyNotice } from "../facts/facts";
import { Plain } from "./rich";

/** Its sections, under a heading of the second level. */
export function NoticeText({ notice }: { notice: PrivacyNotice }) {
  return (
    <div class="privacy-text">
      {notice.sections.map((section) => (
        <section key={section.point}>
          <h3>{section.title}</h3>
          {section.paragraphs.map((text) => (
            <p key={text}>
              <Plain text={text} />
            </p>
          ))}
        </section>
      ))}
    </div>
  );
}
