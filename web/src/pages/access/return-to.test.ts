import { expect, it } from "vitest";
import { returnTo } from "./return-to";

it("is a path of this site and nothing else", () => {
  const of = (target: string) => returnTo(`?verso=${encodeURIComponent(target)}`);
  expect(of("/domande/app_1/compila/worker?campo=surname#x")).toBe("/domande/app_1/compila/worker?campo=surname");
  for (const foreign of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/api/session", "/accesso", ""]) {
    expect(of(foreign), foreign).toBeNull();
  }
  expect(returnTo("")).toBeNull();
});
