// The pages of one area, side by side under its title.

import { place } from "../routing/location";

/** One page of the area. */
export interface SectionLink {
  href: string;
  label: string;
  /** Whether it is the present page, where its address alone does not say so. */
  isHere?: boolean;
}

/** Links to the pages of an area; the present one is marked. */
export function SectionNav({ label, links }: { label: string; links: readonly SectionLink[] }) {
  const { path } = place.value;
  return (
    <nav class="section-nav" aria-label={label}>
      <ul>
        {links.map((link) => (
          <li key={link.href}>
            <a href={link.href} aria-current={(link.isHere ?? link.href === path) ? "page" : undefined}>
              {link.label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
