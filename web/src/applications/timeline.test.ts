import { expect, it } from "vitest";
import type { EventView, NoticeView } from "../api/generated";
import { moments } from "./timeline";

it("joins events and communications, the newest first", () => {
  const event = (at: string, text: string) => ({ at, text, version: 1, to: "submitted", who: "you" }) as EventView;
  const sent = { created: "2026-01-12T09:00:01+01:00", label: "PEC" } as NoticeView;
  const found = moments([event("2026-01-12T08:00:00Z", "a"), event("2026-01-12T08:00:00Z", "b"), event("2026-01-12T10:00:02+01:00", "c")], [sent]);
  expect(found.map((one) => ("event" in one ? one.event.text : one.communication.label))).toEqual(["c", "PEC", "b", "a"]);
});
