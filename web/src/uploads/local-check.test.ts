import { describe, expect, it } from "vitest";
import { accepted, checkLocally, formatsInWords, sizeInWords } from "./local-check";

const limits = { maxBytes: 2_000_000, formats: ["pdf", "p7m"] };
const file = (name: string, size = 10, type = "") => ({ name, size, type });

describe("a chosen file", () => {
  it("is declared by its ending, whatever the browser guesses", () => {
    expect(checkLocally(file("Durc.PDF", 10, "text/plain"), limits)).toEqual({ mediaType: "application/pdf" });
    expect(checkLocally(file("durc.pdf.p7m"), limits)).toEqual({ mediaType: "application/pkcs7-mime" });
    expect(checkLocally(file("passaporto.jpeg"), { ...limits, formats: ["jpg"] })).toEqual({ mediaType: "image/jpeg" });
  });

  it("without an ending is what the browser says", () => {
    expect(checkLocally(file("documento", 10, "application/pdf"), limits)).toEqual({ mediaType: "application/pdf" });
    expect(checkLocally(file("documento", 10, "application/x-pkcs7-mime"), limits)).toEqual({ mediaType: "application/pkcs7-mime" });
    expect(checkLocally(file("documento"), limits)).toHaveProperty("message");
  });

  it("of another type, empty or too large is refused with what to do", () => {
    const messageOf = (chosen: ReturnType<typeof file>) => (checkLocally(chosen, limits) as { message?: string }).message;
    expect(messageOf(file("foto.png", 10, "image/png"))).toBe("Qui serve un file PDF o P7M: scegline uno di questo tipo.");
    expect(messageOf(file("durc.doc", 10, "application/pdf"))).toContain("PDF o P7M");
    expect(messageOf(file("durc.pdf", 0))).toContain("vuoto");
    expect(messageOf(file("durc.pdf", 2_000_001))).toBe("Il file è di 2,1 MB e qui il massimo è 2 MB: scegline uno più piccolo.");
    expect(messageOf(file("durc.pdf", 2_000_000))).toBeUndefined();
  });
});

it("formats and sizes are words", () => {
  expect(formatsInWords({ maxBytes: 1, formats: ["pdf", "jpg", "png"] })).toBe("PDF, JPEG o PNG");
  expect(accepted({ maxBytes: 1, formats: ["pdf", "jpg"] })).toBe(".pdf,.jpg,.jpeg");
  expect([1, 999, 1_000, 340_001, 1_250_000, 20_000_000].map(sizeInWords)).toEqual(["1 byte", "999 byte", "1 kB", "341 kB", "1,3 MB", "20 MB"]);
});
