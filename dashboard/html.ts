import { html as escaped } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

import { plainText } from "../pipeline/plain-text.ts";

/** A piece of a page. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What is a piece of a page already is an object; a plain string never is one. */
function safe(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  return Array.isArray(value) ? value.map(safe) : value;
}

/**
 * The tag that every page is written with: whatever is put into it is escaped, and control characters are written out, so that
 * no text of git, Docker or tests can be anything but text.
 */
export const html = (strings: TemplateStringsArray, ...values: unknown[]): Html =>
  escaped(strings, ...values.map(safe));

/** Nothing. */
export const nothing: Html = html``;
