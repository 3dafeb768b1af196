import { expect } from "vitest";

const shown = 5;

/** Fails when anything was found, and says what: of a list or an object Vitest's own message tells only the size. */
export function expectNone(what: string, found: string[]): void {
  const more = found.length > shown ? ` and ${found.length - shown} more` : "";
  if (found.length > 0) expect.fail(`${what}: ${found.slice(0, shown).join("; ")}${more}`);
}
