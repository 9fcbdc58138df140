// Text of the catalogue with a little markup: `**strong**`, `[label](/path)`, `_term_` for what is never hyphenated or translated.

import type { ComponentChildren } from "preact";

const MARKS = /\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|(?<!\w)_([^_\s][^_]*)_(?!\w)/g;

function Link({ href, children }: { href: string; children: ComponentChildren }) {
  const isOurs = href.startsWith("/") || href.startsWith("#") || href.startsWith("mailto:") || href.startsWith("tel:");
  return isOurs ? (
    <a href={href}>{children}</a>
  ) : (
    <a href={href} rel="noreferrer">
      {children}
    </a>
  );
}

/** Words that a line must not end in, though they have a hyphen. */
const WHOLE = /\b(e-mail|INI-PEC|\d+-(?:bis|ter|quater|quinquies)|[0-9A-Z]{4}-[0-9A-Z]{4})\b/gi;

/** Plain text whose words with a hyphen stay whole. */
export function Plain({ text }: { text: string }) {
  // What the pattern holds stands at the odd places.
  return <>{text.split(WHOLE).map((part, n) => (n % 2 === 1 ? <span class="whole">{part}</span> : part))}</>;
}

/** The name of a model, none of whose lines begins with its dash. */
export const modelName = (label: string) => label.replaceAll(/ ([-–]) /g, "\u00a0$1 ");

/** One line or paragraph of marked text. */
export function Rich({ text }: { text: string }) {
  const shown: ComponentChildren[] = [];
  let from = 0;
  for (const found of text.matchAll(MARKS)) {
    const [all, strong, label, href, term] = found;
    shown.push(<Plain text={text.slice(from, found.index)} />);
    if (strong) shown.push(<strong>{strong}</strong>);
    else if (label && href) shown.push(<Link href={href}>{label}</Link>);
    else if (term) shown.push(<span translate={false} class="term">{term}</span>);
    from = found.index + all.length;
  }
  shown.push(<Plain text={text.slice(from)} />);
  return <>{shown}</>;
}

/** Paragraphs of marked text. */
export function Paragraphs({ texts }: { texts: readonly string[] }) {
  return (
    <>
      {texts.map((text) => (
        <p key={text}>
          <Rich text={text} />
        </p>
      ))}
    </>
  );
}
