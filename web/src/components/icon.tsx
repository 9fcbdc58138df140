// An icon of bootstrap-italia. `npm run icons` cuts the ones named here out of its sprite.

import sprite from "../styles/icons.svg?no-inline";

/** The icons that pages use. */
export const ICONS = [
  "arrow-right", "arrow-left", "burger", "calendar", "check", "check-circle", "chevron-left", "chevron-right", "clock", "close", "copy",
  "delete", "download", "error", "external-link", "file", "help-circle", "info-circle", "locked", "mail", "pa",
  "pencil", "plus-circle", "print", "refresh", "search", "upload", "user", "warning-circle",
] as const;

/** The name of an icon. */
export type IconName = (typeof ICONS)[number];

interface Props {
  name: IconName;
  /** Read aloud; without it the icon is an ornament beside words. */
  label?: string;
  class?: string;
}

/** Shows an icon in the colour of the text around it. */
export function Icon({ name, label, class: more = "" }: Props) {
  const described = label ? ({ role: "img", "aria-label": label } as const) : ({ "aria-hidden": true } as const);
  return (
    <svg class={`icon ${more}`} focusable="false" {...described}>
      <use href={`${sprite}#it-${name}`} />
    </svg>
  );
}
