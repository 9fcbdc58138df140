// Where a text of the API says to write to the Sportello Unico: which one it is, and where its address stands.

import { to } from "../../routing/pages";
import { texts as all } from "../../texts/it/applications";

const texts = all.one;

/** The portal knows no addresses of offices, and their names only where one application that was sent is shown. */
export function OfficeContact({ office }: { office?: string | null | undefined }) {
  return (
    <p>
      {office && (
        <>
          {texts.office}: <strong>{office}</strong>.{" "}
        </>
      )}
      <a href={`${to("/aiuto")}#sportello-unico`}>{texts.officeAddress}</a>
    </p>
  );
}
