import { expect, test } from "vitest";

import { plainLine, plainText } from "../../../pipeline/plain-text.ts";

test.each([
  ["plain text stays", "a – b, ü, 日本", "a – b, ü, 日本"],
  ["line breaks and tabs stay", "a\n\tb", "a\n\tb"],
  ["Windows line breaks become plain ones", "a\r\nb", "a\nb"],
  ["colours are dropped", "\x1b[31mred\x1b[39m", "red"],
  ["cursor movements are dropped", "a\x1b[2A\x1b[Jb", "ab"],
  ["window titles are dropped", "\x1b]0;owned\x07text", "text"],
  ["links are dropped", "\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\", "text"],
  ["a lone escape is written out", "a\x1b", "a\\x1b"],
  ["a carriage return cannot overwrite a line", "good\rbad", "good\\x0dbad"],
  ["a backspace is written out", "a\bb", "a\\x08b"],
  ["a null byte is written out", "a\0b", "a\\x00b"],
  ["an eight-bit control is written out", "a\x9bb", "a\\x9bb"],
  ["reversed direction is written out", "a\u202eb", "a\\u202eb"],
])("%s", (_, text, expected) => {
  expect(plainText(text)).toBe(expected);
});

test("one line has no line breaks and is cut with an ellipsis", () => {
  expect(plainLine("a\n b\t c")).toBe("a b c");
  expect(plainLine("abcdef", 4)).toBe("abc…");
});
