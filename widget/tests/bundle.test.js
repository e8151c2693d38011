import { parse } from "acorn";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const script = readFileSync("dist/wence.js", "utf8");
const styles = readFileSync("dist/wence.css", "utf8");

test("it is at most 15 KB compressed", () => {
  assert.ok(gzipSync(script, { level: 9 }).length <= 15000);
});

test("its syntax is that of 2018", () => {
  parse(script, { ecmaVersion: 2018 });
});

test("it uses nothing that the oldest browsers lack, and nothing that a strict policy forbids", () => {
  for (const name of [
    ".at(", ".flat(", ".flatMap(", ".replaceAll(", ".matchAll(", "fromEntries", "allSettled", "globalThis",
    "structuredClone", "randomUUID", "BroadcastChannel", "ResizeObserver", "queueMicrotask", ".finally(",
    "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc",
  ]) assert.ok(!script.includes(name), name);
});

test("it names no host", () => {
  const hosts = script.replace(/http:\/\/www\.w3\.org\/[\w/]+/g, "");
  assert.ok(!/https?:\/\//.test(hosts));
  assert.ok(!/url\(|@import/.test(styles));
});

test("its style sheet keeps to what the oldest browsers know", () => {
  for (const name of ["inset:", "gap:", ":is(", ":where(", "@layer", "@container", "aspect-ratio", "clamp("]) {
    assert.ok(!styles.includes(name), name);
  }
});
