import { createServer } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { temporaryFolder } from "../temporary-folder.ts";

/** What an engine answers, by the last part of the path. A number is a refusal with that status; a function says it when it is asked. */
export type Answers = Record<string, unknown>;

/** Something on a socket that answers as an engine does. */
export async function anEngine(answers: Answers): Promise<{ socket: string; asked: string[]; end: () => void }> {
  const socket = join(await temporaryFolder(), "docker.sock");
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const name = (request.url ?? "").split("?")[0]?.split("/").at(-1) ?? "";
    asked.push(name);
    const said = answers[name];
    const answer = typeof said === "function" ? await said() : said;
    const refusal = typeof answer === "number" || answer === undefined;
    response.writeHead(refusal ? ((answer as number | undefined) ?? 404) : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(refusal ? { message: answers[`${name} says`] ?? "refused" } : answer));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { socket, asked, end: () => server.closeAllConnections() };
}
