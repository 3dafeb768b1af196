import { publicText } from "../../evidence/keys.ts";
import { ownKey, trustFile } from "../../evidence/project.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines, say } from "../output.ts";

/** Prints the public half of the key that signs evidence here, making the key when there is none. */
export const key: Command<{ json?: boolean }> = async ({ json }) => {
  const own = await ownKey();
  if (json) printJson({ id: own.id, key: publicText(own) });
  else {
    say(`To have its word count elsewhere, too, list it in ${trustFile} (docs/evidence.md):`);
    printLines(publicText(own));
  }
  return exitCodes.done;
};
