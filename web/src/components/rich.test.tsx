import { renderToString } from "preact-render-to-string";
import { describe, expect, it } from "vitest";
import { Rich } from "./rich";

const html = (text: string) => renderToString(<Rich text={text} />);

describe("marked text", () => {
  it("has strong words, links and terms", () => {
    expect(html("a **b** [c](/d) _e f_.")).toBe('a <strong>b</strong> <a href="/d">c</a> <span class="term">e f</span>.');
  });
  it("keeps a word with a hyphen whole", () => {
    expect(html("La tua E-mail, **non** l'e-mail di altri")).toBe('La tua <span class="whole">E-mail</span>, <strong>non</strong> l\'<span class="whole">e-mail</span> di altri');
  });
  it("leaves names with underscores alone, and never makes markup of what is not ours", () => {
    expect(html("key_id e key_id")).toBe("key_id e key_id");
    expect(html("<b>&")).toBe("&lt;b>&amp;");
  });
});
