import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_COLOR } from "../src/palette";
import { readSettings } from "../src/settings";

test("without attributes everything has its default", () => {
  assert.deepEqual(readSettings({}, "https://ask.example/"), {
    endpoint: "https://ask.example",
    title: "",
    greeting: "",
    color: DEFAULT_COLOR,
    left: false,
    textSize: "standard",
  });
});

test("a mistyped value counts as not set", () => {
  const settings = readSettings({ color: "red", position: "top", textSize: "giant" }, "");
  assert.deepEqual([settings.color, settings.left, settings.textSize], [DEFAULT_COLOR, false, "standard"]);
});

test("the endpoint may be elsewhere, and under a path", () => {
  assert.equal(readSettings({ endpoint: "https://other.example/wence/" }, "").endpoint, "https://other.example/wence");
});
