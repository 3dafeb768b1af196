import { say } from "./output.ts";

/** Gets onto this machine what a command needs and what is missing. */
export async function setUp(): Promise<void> {
  const { ensure } = await import("../setup/ensure.ts");
  await ensure(say);
}
