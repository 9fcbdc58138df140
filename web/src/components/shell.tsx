// What stands around every page: skip links, header, menu, bars, footer, live regions, the question when a session ended.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { connection } from "../api/connection";
import { isProduction, MAILBOXES } from "../environment";
import { ifThere, shownAt, to, type PagePath } from "../routing/pages";
import { place } from "../routing/location";
import { menuOf, type MenuEntry } from "../session/services";
import { askToSignOut, probablySignedIn, session } from "../session/session";
import { SessionDialogs } from "../session/dialogs";
import { it } from "../texts/it";
import { Icon } from "./icon";
import { announce, LiveRegions } from "./live";
import { NotificationBar } from "./messages";

const publicMenu: readonly { page: PagePath; label: string }[] = [
  { page: "/", label: it.menu.home },
  { page: "/calendario", label: it.menu.calendar },
  { page: "/come-funziona", label: it.menu.howItWorks },
  { page: "/modelli", label: it.menu.models },
  { page: "/avvisi", label: it.menu.notices },
  { page: "/aiuto", label: it.menu.help },
];

/** Around every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <nav class="skips" aria-label={it.shell.skipLinks}>
        <a href="#main">{it.shell.skipToContent}</a>
        <a href="#footer">{it.shell.skipToFooter}</a>
      </nav>
      <Header />
      <p class="container print-only print-head">
        <strong>{it.portal.name}</strong> – {it.portal.tagline}
        {!isProduction && ` – ${it.portal.testEnvironment}`}
      </p>
      <section aria-label={it.shell.bars}>
        {!isProduction && (
          <NotificationBar tone="warning">
            <strong>{it.portal.testEnvironment}.</strong> {it.portal.testEnvironmentMore}
          </NotificationBar>
        )}
        <ConnectionBar />
      </section>
      <main id="main" class="container" tabIndex={-1}>
        {children}
      </main>
      <Footer />
      <LiveRegions />
      <SessionDialogs />
    </>
  );
}

function Header() {
  return (
    <header class="site-header" aria-label={it.shell.header}>
      <div class="slim">
        <div class="container">
          <a href={it.portal.administrationLink} rel="noreferrer">
            {it.portal.administration}
          </a>
          <SignedIn />
        </div>
      </div>
      <div class="brand">
        <div class="container">
          <a href="/">
            <Icon name="pa" />
            <span>
              <span class="brand-name">{it.portal.name}</span>
              <span class="brand-tagline">{it.portal.tagline}</span>
            </span>
          </a>
        </div>
      </div>
      <Menu />
    </header>
  );
}

function SignedIn() {
  const [isHinted, setHinted] = useState(false);
  useEffect(() => setHinted(probablySignedIn()), []);
  const now = session.value;
  const isProbable = isHinted && now.state !== "signed-out";
  if (now.state === "signed-in") {
    return (
      <div class="slim-right">
        <span class="slim-name">
          <Icon name="user" />
          <span class="visually-hidden">{it.shell.signedInAs("")}</span>
          <span translate={false}>
            {now.view.given_name} {now.view.family_name}
          </span>
        </span>
        <button type="button" class="slim-button" onClick={() => void askToSignOut()}>
          {it.shell.signOut}
        </button>
      </div>
    );
  }
  const area = ifThere("/area");
  const signIn = ifThere("/accesso");
  const href = isProbable ? area : signIn;
  return href ? (
    <a class="slim-button" href={href}>
      <Icon name="user" />
      {isProbable ? it.shell.myArea : it.shell.signIn}
    </a>
  ) : null;
}

function isHere(href: string): boolean {
  const { path } = place.value;
  return href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`);
}

/** Pages of the account that are no service of the menu belong to the area, from which they are reached. */
const BELONGS_TO_AREA = "/utenza/";

/** So many services have room on one line of a tablet; more open behind the button, as on a telephone. */
const TABLET_ENTRIES = 5;

function Menu() {
  const [isOpen, setOpen] = useState(false);
  const { path } = place.value;
  useEffect(() => setOpen(false), [path]);
  const now = session.value;
  const isPrivate = shownAt(path)?.entry.access === "private" && now.state === "signed-in";
  const entries: MenuEntry[] = isPrivate
    ? menuOf(now.view)
    : publicMenu.map(({ page, label }) => ({ href: to(page), label, isInMenu: true, why: null }));
  // The longest address that fits is the present one: under `/domande/nuova` it is not also `/domande`.
  const present =
    entries.filter((entry) => isHere(entry.href)).sort((a, b) => b.href.length - a.href.length)[0] ??
    (path.startsWith(BELONGS_TO_AREA) ? entries.find((entry) => entry.href === to("/area")) : undefined);
  const usable = entries.filter((entry) => entry.why === null && entry.isInMenu);
  return (
    <nav class={isPrivate && usable.length > TABLET_ENTRIES ? "menu menu-long" : "menu"} aria-label={it.shell.mainMenu}>
      <div class="container">
        <button type="button" class="menu-button" aria-expanded={isOpen} aria-controls="menu-list" onClick={() => setOpen(!isOpen)}>
          <Icon name={isOpen ? "close" : "burger"} />
          {it.shell.openMenu}
        </button>
        <ul id="menu-list" class={isOpen ? "menu-open" : undefined}>
          {usable.map((entry) => (
            <li key={entry.href}>
              <a href={entry.href} aria-current={entry === present ? (entry.href === path ? "page" : "true") : undefined}>
                {entry.label}
              </a>
            </li>
          ))}
        </ul>
      </div>
    </nav>
  );
}

function ConnectionBar() {
  const text = connection.value === "good" ? null : it.connection[connection.value];
  useEffect(() => {
    if (text !== null) announce(text);
  }, [text]);
  return text === null ? null : <NotificationBar tone="warning">{text}</NotificationBar>;
}

function Footer() {
  const about: readonly { page: PagePath; label: string }[] = [
    { page: "/accessibilita", label: it.shell.accessibility },
    { page: "/privacy", label: it.shell.privacy },
    { page: "/note-legali", label: it.shell.legal },
  ];
  const help: readonly { page: PagePath; label: string }[] = [
    { page: "/aiuto", label: it.shell.helpDesk },
    { page: "/documenti", label: it.shell.manual },
    { page: "/stato", label: it.shell.status },
    { page: "/verifica-ricevuta", label: it.shell.verify },
  ];
  const links = (entries: typeof about) =>
    entries.map(({ page, label }) => (
      <li key={page}>
        <a href={to(page)}>{label}</a>
      </li>
    ));
  return (
    <footer id="footer" class="site-footer" tabIndex={-1} aria-label={it.shell.footer}>
      <div class="container">
        <p class="footer-name">
          <Icon name="pa" />
          <span>
            <strong>{it.portal.name}</strong>
            <br />
            {isProduction ? it.portal.administration : it.portal.testEnvironment}
          </span>
        </p>
        <div class="footer-columns">
          <nav aria-label={it.shell.helpLinks}>
            <ul>
              {links(help)}
              {!isProduction && (
                <li>
                  <a href={MAILBOXES} data-native>
                    {it.shell.mailboxes}
                  </a>
                </li>
              )}
            </ul>
          </nav>
          <nav aria-label={it.shell.footerLinks}>
            <ul>{links(about)}</ul>
          </nav>
        </div>
      </div>
    </footer>
  );
}
