// Where the site starts in the browser.

import { hydrate, render } from "preact";
import { App, pageAt } from "./app";
import { watchConnection } from "./api/connection";
import { keepWrittenRegions } from "./facts/region";
import { guardInput } from "./form/draft/guard-input";
import { followLinks, place } from "./routing/location";
import { rememberField, resumeField } from "./session/resume";
import { guardKeptTickets } from "./sending/kept-tickets";
import { followSignOut } from "./session/session";
import "./styles/main.scss";

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) return;
  const { path } = place.value;
  const isWritten = document.documentElement.dataset["page"] === path;
  keepWrittenRegions();
  const first = await pageAt(path);
  followLinks();
  watchConnection();
  rememberField();
  resumeField();
  guardKeptTickets();
  guardInput();
  followSignOut();
  const app = <App first={first} />;
  if (isWritten) {
    hydrate(app, root);
  } else {
    root.textContent = "";
    render(app, root);
  }
  document.documentElement.dataset["ready"] = "";
}

void start();
