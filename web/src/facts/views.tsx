// How facts look: the same markup in the browser and in the templates that publish-facts fills, where each value is a
// placeholder. Nothing here looks at the clock; what does is added by the pages.

import type { ComponentChildren } from "preact";
import { Callout } from "../components/messages";
import { texts } from "../texts/it/facts";

/** A window in words; `until` null where it has no end. */
export interface WindowWords {
  what: string;
  from: string;
  until: string | null;
}

/** One line of a model's dates. */
export function WindowLine({ what, from, until }: WindowWords) {
  return (
    <li>
      <strong>{what}</strong> {texts.from} {from}
      {until !== null && (
        <>
          {" "}
          {texts.until} {until}
        </>
      )}
    </li>
  );
}

interface ModelProps {
  label: string;
  source: string;
  windows: ComponentChildren;
  /** What is open now, the countdown, the link. */
  live?: ComponentChildren;
}

/** A model of the calendar. */
export function ModelDates({ label, source, windows, live }: ModelProps) {
  return (
    <li class="card-box">
      <h3>{label}</h3>
      <div class="live">{live}</div>
      <ul class="windows">{windows}</ul>
      <p class="field-help">{source}</p>
    </li>
  );
}

/** A campaign of the calendar. */
export function CampaignDates({ title, law, more, models }: { title: string; law: string; more?: ComponentChildren; models: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      <p>{law}</p>
      {more}
      <ul class="cards">{models}</ul>
    </section>
  );
}

/** A model of the home page: when its sending opens. */
export function OpeningCard({ label, campaign, opening, live }: { label: string; campaign: string; opening: string; live?: ComponentChildren }) {
  return (
    <li class="card-box">
      <h3>{label}</h3>
      <p class="field-help">{campaign}</p>
      <div class="live">{live}</div>
      <p>
        {texts.clickDay} <strong>{opening}</strong>
      </p>
    </li>
  );
}

interface NoticeProps {
  title: string;
  published: string;
  text: string;
}

/** A notice. */
export function NoticeItem({ title, published, text }: NoticeProps) {
  return (
    <li>
      <h3>{title}</h3>
      <p class="field-help">{published}</p>
      <p>{text}</p>
    </li>
  );
}

/** A list of notices under its name. */
export function NoticeList({ name, notices }: { name: string; notices: ComponentChildren }) {
  return (
    <section>
      <h2>{name}</h2>
      <ul class="plain">{notices}</ul>
    </section>
  );
}

/** A part of the portal and how it does. */
export function StatusPart({ label, state, since, text }: { label: string; state: ComponentChildren; since: string; text: string }) {
  return (
    <li class="card-box">
      <h2>{label}</h2>
      <p>{state}</p>
      <p class="field-help">
        {texts.since} {since}
      </p>
      <p>{text}</p>
    </li>
  );
}

/** What the home page says of planned maintenance. */
export function MaintenanceBox({ maintenance }: { maintenance: ComponentChildren }) {
  return (
    <Callout tone="warning" title={texts.maintenance} level={2}>
      <ul class="plain">{maintenance}</ul>
    </Callout>
  );
}

/** A planned maintenance. */
export function MaintenanceItem({ from, until, text }: { from: string; until: string; text: string }) {
  return (
    <li>
      <p>
        {texts.since} <strong>{from}</strong> {texts.until} <strong>{until}</strong> {texts.zone}
      </p>
      <p>{text}</p>
    </li>
  );
}

/** A document to be downloaded. */
export function DocumentItem({ title, description, url, version, size }: { title: string; description: string; url: string; version: string; size: string }) {
  return (
    <li class="card-box">
      <h2>
        <a href={url} download>
          {title}
        </a>
      </h2>
      <p>{description}</p>
      <p class="field-help">
        {texts.version} {version} – {size}
      </p>
    </li>
  );
}

/** A point of a privacy notice. */
export function PrivacySection({ title, paragraphs }: { title: string; paragraphs: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {paragraphs}
    </section>
  );
}
