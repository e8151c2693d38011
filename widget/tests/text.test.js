import assert from "node:assert/strict";
import { test } from "node:test";
import { spokenWords } from "../src/conversation";
import { cutAtPhones } from "../src/phone";
import { lengthOf } from "../src/views/composer";
import { beginning } from "../src/views/text";

const numbersIn = (text) => cutAtPhones(text).filter((_, index) => index % 2);

test("telephone numbers are found", () => {
  assert.deepEqual(numbersIn("请拨打0398-2260117咨询，或拨打12345热线。"), ["0398-2260117", "12345"]);
});

test("other numbers are no telephone numbers", () => {
  assert.deepEqual(numbersIn("豫政办〔2020〕27号，870号，2021-12-27，1123456，100398-22601178"), []);
});

test("nothing of a text is lost at its numbers", () => {
  const text = "电话0398-2260117。12345";
  assert.equal(cutAtPhones(text).join(""), text);
});

test("a short text is whole", () => {
  assert.equal(beginning("字".repeat(175)), "字".repeat(175));
});

test("a long text is cut behind a name and not within", () => {
  const text = Array.from({ length: 60 }, (_, index) => `第${index}个单位`).join("、");
  const start = beginning(text);
  assert.ok(start.length <= 140);
  assert.equal(text[start.length], "、");
});

test("a long text without marks is cut all the same", () => {
  assert.equal(beginning("字".repeat(400)).length, 140);
});

test("characters are counted as the server counts them", () => {
  assert.equal(lengthOf(" 𠮷𠮷 "), 2);
});

test("an answer is heard as words", () => {
  const turn = { text: "是市民政局。", buttons: [], custom: { citations: [{}] } };
  assert.equal(spokenWords(turn), "问策回答：是市民政局。附原文出处1处。");
});
