import { describe, expect, it } from "vitest";
import { filled, find, fits } from "./match";

describe("paths", () => {
  it("give their variable parts", () => {
    expect(fits("/domande/:id/compila/:section?", "/domande/a1/compila")).toEqual({ id: "a1" });
    expect(fits("/domande/:id/compila/:section?", "/domande/a1/compila/worker")).toEqual({ id: "a1", section: "worker" });
    expect(fits("/modelli/:id", "/modelli")).toBeNull();
    expect(fits("/modelli/:id", "/modelli/%E0%A4%A")).toBeNull();
    expect(fits("/", "/")).toEqual({});
  });
  it("prefer what is fixed", () => {
    expect(find(["/domande/:id", "/domande/nuova"], "/domande/nuova")?.pattern).toBe("/domande/nuova");
    expect(find(["/"], "/niente")).toBeNull();
  });
  it("are filled in, and hostile values stay values", () => {
    expect(filled("/domande/:id/compila/:section?", { id: "a/../b" })).toBe("/domande/a%2F..%2Fb/compila");
    expect(filled("/", {})).toBe("/");
  });
});
