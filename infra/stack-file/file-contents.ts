import { readFileSync } from "node:fs";

import type { Stack, StackFileObject } from "./model.ts";
import type { Tell } from "./rules.ts";
import { whyUnread } from "./source.ts";

/** What a config or secret holds: text, or bytes in base64. */
export interface FileContent {
  content: string;
  encoding?: "base64";
}

/** Swarm's own limits, in bytes. */
const most = { configs: 1000 * 1024 - 1, secrets: 500 * 1024 };

function contentOf(bytes: Buffer): FileContent {
  const content = bytes.toString("utf8");
  return Buffer.from(content, "utf8").equals(bytes)
    ? { content }
    : { content: bytes.toString("base64"), encoding: "base64" };
}

function read(kind: keyof typeof most, name: string, { file }: StackFileObject, tell: Tell): FileContent {
  const at = `${kind}.${name}.file`;
  try {
    const bytes = readFileSync(file ?? "");
    if (bytes.length === 0) tell(at, `${file} is empty, and Swarm takes no empty ones`);
    if (bytes.length > most[kind]) tell(at, `${file} has ${bytes.length} bytes, and Swarm takes ${most[kind]}`);
    return contentOf(bytes);
  } catch (error) {
    tell(at, `${file}: ${whyUnread(error)}`);
    return { content: "" };
  }
}

/** Reads what configs and secrets hold, by `configs.NAME` and `secrets.NAME`. What cannot be read is told. */
export function readContents(stack: Stack, tell: Tell): Map<string, FileContent> {
  const contents = new Map<string, FileContent>();
  for (const kind of ["configs", "secrets"] as const) {
    for (const [name, object] of Object.entries(stack[kind])) {
      if (object.file && !object.external) contents.set(`${kind}.${name}`, read(kind, name, object, tell));
    }
  }
  return contents;
}
