// Fills the regions of a written page from the facts and the templates, as publish-facts does (docs/adr/0036): the preview
// server and the browser tests show pages as they stand in the bucket, and this is the reference for the Rust.

const ROME = new Intl.DateTimeFormat("it-IT", {
  timeZone: "Europe/Rome",
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** «lunedì 12 gennaio 2026, ore 09:00:00», as the domain's `calendar::in_words` writes it. */
function inWords(instant) {
  const part = Object.fromEntries(ROME.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  const day = part.day === "1" ? "1º" : part.day;
  return `${part.weekday} ${day} ${part.month} ${part.year}, ore ${part.hour}:${part.minute}:${part.second}`;
}

/** What ends at midnight names the day that it closes, as the domain's `calendar::until_in_words` writes it. */
function untilInWords(instant) {
  const end = Date.parse(instant);
  const words = inWords(end);
  return words.endsWith("ore 00:00:00") && end % 1000 === 0 ? inWords(end - 1000).replace("ore 23:59:59", "ore 24:00:00") : words;
}

const escaped = (text) =>
  String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A piece with its values; those of `finished` are HTML already. */
function piece(html, values, finished = {}) {
  return html.replace(/\{\{([a-z]+)\}\}/g, (_, name) => (name in finished ? finished[name] : escaped(values[name] ?? "")));
}

/** The campaigns that are shown: those marked `current`; where no campaign has the mark, those with a window to come. */
function shown(campaigns, now) {
  if (campaigns.some((one) => typeof one.current === "boolean")) return campaigns.filter((one) => one.current);
  const comes = (window) => window.until === null || Date.parse(window.until) > now;
  return campaigns
    .filter((one) => one.models.some((model) => [...model.start, ...model.edit, ...model.submit, ...(model.off_quota ? [model.off_quota] : [])].some(comes)))
    .sort((a, b) => b.year - a.year);
}

const fillers = {
  calendar({ pieces, empty }, { calendar }, now) {
    const windows = (what, all) =>
      all.map(({ from, until }) =>
        piece(until === null ? pieces["window-without-end"] : pieces.window, { what: pieces[what], from: inWords(from), until: until && untilInWords(until) }),
      );
    const models = (campaign) =>
      campaign.models.map((model) =>
        piece(pieces.model, model, {
          windows: [
            ...windows("what-start", model.start),
            ...windows("what-edit", model.edit),
            ...windows("what-submit", model.submit),
            ...windows("what-off-quota", model.off_quota ? [model.off_quota] : []),
            ...windows("what-read-closed", model.read_closed),
          ].join(""),
        }),
      );
    const all = shown(calendar?.campaigns ?? [], now);
    return all.map((campaign) => piece(pieces.campaign, campaign, { more: campaign.order === "armed" ? pieces.armed : "", models: models(campaign).join("") })).join("") || empty;
  },
  openings({ pieces, empty }, { calendar }, now) {
    const models = shown(calendar?.campaigns ?? [], now).flatMap((campaign) =>
      campaign.models
        .filter((model) => model.submit.length > 0)
        .map((model) => {
          const next = model.submit.find((window) => Date.parse(window.from) > now) ?? model.submit[0];
          return piece(pieces.model, { label: model.label, campaign: campaign.title, opening: inWords(next.from) });
        }),
    );
    return models.length > 0 ? piece(pieces.list, {}, { models: models.join("") }) : empty;
  },
  notices({ pieces }, { notices }, _now, page) {
    const all = notices?.notices ?? [];
    // The home page has the three newest of each list.
    const most = page === "index.html" ? 3 : Number.MAX_SAFE_INTEGER;
    return ["avvisi", "novita", "leggi"]
      .map((list) => {
        const own = all.filter((one) => one.list === list).sort((a, b) => Date.parse(b.published) - Date.parse(a.published)).slice(0, most);
        const items = own.map((one) => piece(pieces.notice, { ...one, published: inWords(one.published).split(",")[0] })).join("");
        return piece(pieces.list, { name: pieces[`name-${list}`] }, { notices: items || pieces.none });
      })
      .join("");
  },
  status({ pieces, empty }, { status }) {
    const parts = (status?.parts ?? []).map((part) => piece(part.works ? pieces.works : pieces.stopped, { ...part, since: inWords(part.since) }));
    return parts.length > 0 ? piece(pieces.list, {}, { parts: parts.join("") }) : empty;
  },
  maintenance({ pieces, empty }, { status }, now) {
    const planned = (status?.maintenance ?? [])
      .filter((one) => Date.parse(one.until) > now)
      .map((one) => piece(pieces.maintenance, { ...one, from: inWords(one.from), until: untilInWords(one.until) }));
    return planned.length > 0 ? piece(pieces.list, {}, { maintenance: planned.join("") }) : empty;
  },
  "maintenance-note": (...all) => fillers.maintenance(...all),
  documents({ pieces, empty }, { documents }) {
    const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1).replace(".", ",")} MB`);
    const all = (documents?.documents ?? []).map((one) => piece(pieces.document, { ...one, size: size(one.bytes) }));
    return all.length > 0 ? piece(pieces.list, {}, { documents: all.join("") }) : empty;
  },
  privacy({ pieces, empty }, { privacy }) {
    const sections = (privacy?.sections ?? []).map((section) =>
      piece(pieces.section, section, { paragraphs: section.paragraphs.map((text) => piece(pieces.paragraph, { text })).join("") }),
    );
    return sections.join("") || empty;
  },
};

/** `html` of the stored page `page` with its regions filled. `facts` holds the files by name; absent ones are undefined. */
export function fill(html, page, templates, facts, now = Date.now()) {
  return html.replace(/<!--facts:([a-z-]+)-->[\s\S]*?<!--\/facts-->/g, (_, name) => {
    const content = fillers[name](templates[name], facts, now, page);
    return `<!--facts:${name}-->${content}<!--/facts-->`;
  });
}
