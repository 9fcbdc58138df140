// The frame of one page: title, breadcrumb, the one h1, which takes the focus when the reader comes from another page.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { takeArrival } from "../routing/arrival";
import { it } from "../texts/it";
import { Rich } from "./rich";

/** A step of the breadcrumb before the page itself. */
export interface Crumb {
  label: string;
  href: string;
}

interface Props {
  title: string;
  /** Between Home and this page. */
  crumbs?: readonly Crumb[];
  /** One or two sentences: what the page is for. */
  lead?: string;
  /** Content as wide as the page (tables); else lines of 70 characters. */
  isWide?: boolean;
  /** The home page has none. */
  hasBreadcrumb?: boolean;
  /** Another page takes its place in a moment: focus and height are left to that one. */
  isPassing?: boolean;
  /** Never holds names of people: titles end in the browser's history. */
  children: ComponentChildren;
}

/** What the build writes into `<title>`; effects do not run there. */
export const written = { title: "" };

/** Every page is one of these. */
export function Page({ title, crumbs = [], lead, isWide = false, hasBreadcrumb = true, isPassing = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  written.title = `${title} – ${it.portal.titleEnd}`;
  useEffect(() => {
    document.title = `${title} – ${it.portal.titleEnd}`;
  }, [title]);
  useEffect(() => {
    if (isPassing) return;
    const arrival = takeArrival();
    if (!arrival) return;
    heading.current?.focus({ preventScroll: true });
    const target = arrival.hash.length > 1 ? document.getElementById(decodeURIComponent(arrival.hash.slice(1))) : null;
    if (target) target.scrollIntoView();
    else scrollTo(0, arrival.scroll);
  }, [isPassing]);
  return (
    <>
      {hasBreadcrumb && <Breadcrumb crumbs={crumbs} title={title} />}
      <div class={isWide ? "page page-wide" : "page"}>
        <h1 ref={heading} tabIndex={-1} id="page-title">
          {title}
        </h1>
        {lead && (
          <p class="lead">
            <Rich text={lead} />
          </p>
        )}
        {children}
      </div>
    </>
  );
}

function Breadcrumb({ crumbs, title }: { crumbs: readonly Crumb[]; title: string }) {
  return (
    <nav class="breadcrumbs" aria-label={it.shell.breadcrumb}>
      <ol>
        {[{ label: it.shell.home, href: "/" }, ...crumbs].map((crumb) => (
          <li key={crumb.href}>
            <a href={crumb.href}>{crumb.label}</a>
            {/* At the end of its step, so that no line begins with it; an element, since what CSS writes is read aloud. */}
            <span aria-hidden="true">/</span>
          </li>
        ))}
        <li aria-current="page">{title}</li>
      </ol>
    </nav>
  );
}
