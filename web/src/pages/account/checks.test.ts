import { describe, expect, it } from "vitest";
import { address, addressTwice, birthDate, closingWord, name, passwordTwice } from "./checks";

const fields = (found: readonly { field: string }[]) => found.map(({ field }) => field);

describe("forms of an account", () => {
  it("want a name with something in it", () => {
    expect(fields(name("given_name", "  "))).toEqual(["given_name"]);
    expect(name("family_name", "Nguyễn")).toEqual([]);
  });
  it("want a day that exists, and tell an empty date from a wrong one", () => {
    expect(birthDate("1990-05-01")).toEqual([]);
    const [empty, halves, wrong] = ["", "//", "31/febbraio/1990"].map((typed) => birthDate(typed)[0]?.message);
    expect(empty).toBe(halves);
    expect(wrong).not.toBe(empty);
  });
  it("want one address twice, whatever its case", () => {
    expect(addressTwice("Anna@example.it", "anna@EXAMPLE.it ")).toEqual([]);
    expect(fields(addressTwice("anna@example.it", "ana@example.it"))).toEqual(["email_repeated"]);
    // One mistake at a time: the second is not blamed for the first.
    expect(fields(addressTwice("anna", "ana"))).toEqual(["email"]);
    expect(fields(address(""))).toEqual(["email"]);
  });
  it("close an account for one word alone, however it is written", () => {
    for (const typed of ["CHIUDI", " chiudi ", "«Chiudi»", "CHIUDI."]) expect(closingWord(typed), typed).toEqual([]);
    for (const typed of ["", "sì", "CHIUDO", "non CHIUDI"]) expect(fields(closingWord(typed)), typed).toEqual(["confirm"]);
  });
  it("say all that is wrong with a password", () => {
    expect(passwordTwice("ombrello 7 lanterna", "ombrello 7 lanterna")).toEqual([]);
    expect(fields(passwordTwice("", ""))).toEqual(["password"]);
    expect(fields(passwordTwice("corta", "altra"))).toEqual(["password", "password", "password_repeated"]);
    expect(fields(passwordTwice("a".repeat(129) + "1", ""))).toEqual(["password", "password_repeated"]);
    // Counted as people see them: one letter with an accent is one character.
    expect(fields(passwordTwice("cittàà7", "cittàà7".normalize("NFD")))).toContain("password");
  });
});
