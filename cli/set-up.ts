import { canAsk, confirm } from "./ask.ts";
import { say } from "./output.ts";

/** Gets onto this machine what is missing; asks first where somebody can answer. */
export async function setUp(signal: AbortSignal): Promise<void> {
  const { ensure } = await import("../setup/ensure.ts");
  await ensure((line) => say(line), { interactive: canAsk(), ask: (question) => confirm(question, signal) });
}
