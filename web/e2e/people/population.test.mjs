import { expect, test } from "vitest";
import { employer, family, person } from "./population.mjs";

// The same line as in functions/simulate-registries/src/population.rs, `the_demo_people_stay_the_same`.
test("the demo employer is the one of the simulated registries", () => {
  const one = employer({ number: 1 });
  expect([one.name, one.surname, one.born, one.code, one.company, one.companyName, one.pec].join(" ")).toBe(
    "Mauro Quaranta 1966-08-19 QRNMRA66M19W000S 00000109009 Azienda agricola Quaranta 1 S.r.l. azienda-1@pec.demo.invalid",
  );
});

test("a code carries what registries do about it", () => {
  expect(employer({ number: 123_456, behaviour: "late", scope: "factsLater" }).company).toMatch(/^1234564940\d$/);
  expect(person(7, { behaviour: "down", scope: "address" }).code.slice(11, 15)).toBe("W210");
  expect(family().code).toHaveLength(16);
});
