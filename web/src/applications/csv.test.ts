import { expect, it } from "vitest";
import { csv } from "./csv";

it("quotes what would break a row and disarms what would be a formula", () => {
  expect(csv([["Nome", "Codice"], ['O"Hara; figlio', "=1+1"]])).toBe('\ufeffNome;Codice\r\n"O""Hara; figlio";\'=1+1\r\n');
});
