// How a page shows what there is: steps, tasks, pairs of name and value, tables that become cards, a timeline, a pager.

import type { ComponentChildren } from "preact";
import { toTheMinute } from "../dates/instant";
import { it } from "../texts/it";
import { Icon } from "./icon";
import { StateBadge, type Tone } from "./messages";

/** Where the reader is in a procedure of several pages. */
export function Stepper({ steps, current }: { steps: readonly string[]; current: number }) {
  return (
    <nav class="stepper" aria-label={it.list.steps}>
      <p class="stepper-short">{it.list.step(current + 1, steps.length)}</p>
      <ul>
        {steps.map((step, n) => (
          <li key={step} class={n < current ? "step-done" : n === current ? "step-now" : ""} aria-current={n === current ? "step" : undefined}>
            <span class="step-number" aria-hidden="true">
              {n < current ? <Icon name="check" /> : n + 1}
            </span>
            <span>
              {step}
              {n < current && <span class="visually-hidden"> ({it.list.done})</span>}
            </span>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A part of a task with its status. */
export interface Task {
  href: string;
  title: string;
  help?: string;
  status: string;
  tone: Tone;
}

/** Parts that can be done in any order. */
export function TaskList({ tasks }: { tasks: readonly Task[] }) {
  return (
    <ul class="task-list">
      {tasks.map((task) => (
        <li key={task.href}>
          <div>
            <a href={task.href}>{task.title}</a>
            {task.help && <p>{task.help}</p>}
          </div>
          <StateBadge label={task.status} tone={task.tone} />
        </li>
      ))}
    </ul>
  );
}

/** A name and its value. */
export interface Row {
  name: string;
  value: ComponentChildren;
  /** Where to change it. */
  change?: { href: string; label?: string };
}

/** Pairs of name and value. */
export function SummaryList({ rows }: { rows: readonly Row[] }) {
  return (
    <dl class="summary-list">
      {rows.map((row) => (
        <div key={row.name}>
          <dt>{row.name}</dt>
          <dd>{row.value}</dd>
          {row.change && (
            <dd class="summary-change">
              <a href={row.change.href}>
                {row.change.label ?? it.form.noChange}
                <span class="visually-hidden"> {row.name}</span>
              </a>
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

/** A column of a table. */
export interface Column<Item> {
  key: string;
  title: string;
  cell: (item: Item) => ComponentChildren;
  /** The cell that names the row. */
  isHeader?: boolean;
}

interface TableProps<Item> {
  caption: string;
  columns: readonly Column<Item>[];
  items: readonly Item[];
  keyOf: (item: Item) => string;
  /** The caption is read and not seen, where a heading says it already. */
  isCaptionHidden?: boolean;
}

/** From so many rows on, who works by keyboard can pass by the whole table. */
const LONG = 20;
/** From so many columns on, a tablet's width would break words. */
const WIDE = 6;

/** A table; under 768 px each row is a card, a wide table's under 992. The roles keep it a table for who listens, whatever CSS makes of it. */
export function DataTable<Item>({ caption, columns, items, keyOf, isCaptionHidden }: TableProps<Item>) {
  const table = (
    <table class={columns.length >= WIDE ? "data-table data-table-wide" : "data-table"} role="table">
      <caption class={isCaptionHidden ? "visually-hidden" : undefined}>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.key} scope="col" role="columnheader">
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {items.map((item) => (
          <tr key={keyOf(item)} role="row">
            {columns.map((column) =>
              column.isHeader ? (
                <th key={column.key} scope="row" role="rowheader" data-title={column.title}>
                  {column.cell(item)}
                </th>
              ) : (
                <td key={column.key} role="cell" data-title={column.title}>
                  {column.cell(item)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
  const [first] = items;
  if (items.length < LONG || first === undefined) return table;
  // By what it lists: the written page and the one made in the browser call it the same.
  const end = `dopo-${keyOf(first).replaceAll(/\s/g, "-")}`;
  return (
    <div class="long-list">
      <p class="skips">
        <a href={`#${encodeURIComponent(end)}`}>{it.list.skip}</a>
      </p>
      {table}
      <span id={end} tabIndex={-1} />
    </div>
  );
}

/** Something that happened. */
export interface Happening {
  id: string;
  at: string;
  title: string;
  who?: string;
  children?: ComponentChildren;
}

/** What happened, in the order given. */
export function Timeline({ happenings }: { happenings: readonly Happening[] }) {
  return (
    <ol class="timeline">
      {happenings.map((one) => (
        <li key={one.id}>
          <p class="timeline-at">
            <time dateTime={one.at}>{toTheMinute(one.at)}</time>
          </p>
          <p class="timeline-title">{one.title}</p>
          {one.who && <p class="timeline-who">{one.who}</p>}
          {one.children}
        </li>
      ))}
    </ol>
  );
}

/** Where a link of a pager leads. On a telephone the first word is only heard: both links stay on one line. */
function Direction({ words: [first, rest] }: { words: readonly [string, string] }) {
  return (
    <span>
      <span class="pager-word">{first}</span> <span class="pager-rest">{rest}</span>
    </span>
  );
}

interface PagerProps {
  page: number;
  /** How many there are, where that is known. */
  of?: number;
  /** The address of a page; no link where there is none. */
  previous: string | null;
  next: string | null;
}

/** The link that is pressed goes with its page: the focus goes to the title, from where the next page is read. */
function toTitle({ ctrlKey, metaKey, shiftKey }: MouseEvent) {
  if (!ctrlKey && !metaKey && !shiftKey) document.getElementById("page-title")?.focus();
}

/** From page to page of a long list. */
export function Pager({ page, of, previous, next }: PagerProps) {
  return (
    <nav class="pager" aria-label={it.list.pages}>
      {previous ? (
        <a href={previous} rel="prev" onClick={toTitle}>
          <Icon name="chevron-left" />
          <Direction words={it.list.previous} />
        </a>
      ) : (
        <span />
      )}
      <span aria-current="page">{it.list.page(page, of)}</span>
      {next ? (
        <a href={next} rel="next" onClick={toTitle}>
          <Direction words={it.list.next} />
          <Icon name="chevron-right" />
        </a>
      ) : (
        <span />
      )}
    </nav>
  );
}

interface PagerInPlaceProps {
  /** Counted from 0. */
  page: number;
  of: number;
  /** Which list, where a page has several. */
  list?: string;
  onGo: (page: number) => void;
}

/** From page to page of a list that is here already: no address changes. */
export function PagerInPlace({ page, of, list, onGo }: PagerInPlaceProps) {
  return (
    <nav class="pager" aria-label={list === undefined ? it.list.pages : `${it.list.pages}: ${list}`}>
      {page > 0 ? (
        <button type="button" class="btn-link" onClick={() => onGo(page - 1)}>
          <Icon name="chevron-left" />
          <Direction words={it.list.previous} />
        </button>
      ) : (
        <span />
      )}
      <span aria-current="page">{it.list.page(page + 1, of)}</span>
      {page < of - 1 ? (
        <button type="button" class="btn-link" onClick={() => onGo(page + 1)}>
          <Direction words={it.list.next} />
          <Icon name="chevron-right" />
        </button>
      ) : (
        <span />
      )}
    </nav>
  );
}
