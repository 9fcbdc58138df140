// Uploads in a browser: requests by the API's client, the file itself by XMLHttpRequest, which alone tells how far it is.

import { api, call } from "../api/client";
import type { PermissionView } from "../api/generated";
import { serverNow } from "../clock/clock";
import { announce } from "../components/live";
import { Uploads, type Put } from "./uploads";

/** Before the purposes whose uploads this tab follows; «Esci» clears all that a tab keeps. */
const PREFIX = "upload:";

/** The uploads of an application. */
export function browserUploads(
  application: string,
  { accepted, changed }: { accepted: (purpose: string) => Promise<void>; changed: () => void },
): Uploads<File> {
  const key = (purpose: string) => `${PREFIX}${application}:${purpose}`;
  const uploads: Uploads<File> = new Uploads<File>({
    ask: async (body) => (await call((options) => api.askUpload(application, body, options))).data,
    put,
    read: async (upload) => (await call((options) => api.readUpload(application, upload, options))).data,
    list: async () => (await call((options) => api.listUploads(application, options))).data,
    digest: async (content) => hex(await crypto.subtle.digest("SHA-256", content)),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    now: serverNow,
    isOnline: () => navigator.onLine,
    kept: {
      get: (purpose) => {
        try {
          return sessionStorage.getItem(key(purpose));
        } catch {
          return null;
        }
      },
      set: (purpose, upload) => {
        try {
          if (upload === null) sessionStorage.removeItem(key(purpose));
          else sessionStorage.setItem(key(purpose), upload);
        } catch {
          // Without storage the list of uploads tells after a reload.
        }
      },
    },
    accepted,
    changed: () => {
      guardPage(uploads);
      changed();
    },
    say: (text) => announce(text),
  });
  return uploads;
}

/** Those with a file on its way, which goes on while pages change, and would be lost with the tab. */
const travelling = new Set<Uploads<File>>();
const askToStay = (event: Event) => event.preventDefault();

/** The browser asks before it closes or reloads the site; only while it must, since such a page costs it the way back. */
function guardPage(uploads: Uploads<File>): void {
  if (uploads.travelling.length > 0) travelling.add(uploads);
  else travelling.delete(uploads);
  if (travelling.size > 0) addEventListener("beforeunload", askToStay);
  else removeEventListener("beforeunload", askToStay);
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Browsers set these themselves, from the file and the address. */
const OWN_HEADERS = new Set(["content-length", "host"]);

function put({ url, headers }: PermissionView, file: File, progress: (percent: number) => void, signal: AbortSignal): Promise<Put> {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    for (const { name, value } of headers) if (!OWN_HEADERS.has(name.toLowerCase())) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? Math.floor((loaded * 100) / total) : 0);
    request.onload = () => done(request.status >= 200 && request.status < 300 ? "sent" : request.status >= 500 ? "cut" : "refused");
    request.onerror = () => done("cut");
    request.onabort = () => done("cut");
    signal.addEventListener("abort", () => request.abort());
    // The buffer and not the file: a file carries a type of its own, and the permission fixes that header.
    file.arrayBuffer().then((content) => request.send(content), () => done("cut"));
  });
}
