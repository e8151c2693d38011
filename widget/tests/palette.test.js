import assert from "node:assert/strict";
import { test } from "node:test";
import { accents, channels, contrast, DEFAULT_COLOR, isColor } from "../src/palette";

const rgb = (text) => text.match(/\d+/g).map(Number);

test("white words can be read on any colour, and any colour on a dark page", () => {
  for (const color of ["#ffee88", "#fff", "#000", "#777777", "#b02a22", DEFAULT_COLOR]) {
    const { light, dark } = accents(color);
    assert.ok(contrast(rgb(light), [255, 255, 255]) >= 4.5, color);
    assert.ok(contrast(rgb(dark), [31, 42, 55]) >= 4.5, color);
  }
});

test("a colour that is readable stays as it was set", () => {
  assert.equal(accents("#b02a22").light, `rgb(${channels("#b02a22").join(",")})`);
});

test("only plain colours are colours", () => {
  assert.ok(isColor("#ABC") && isColor("#a1b2c3"));
  for (const text of ["red", "#12345", "#1234567", "url(x)", ""]) assert.ok(!isColor(text));
});
