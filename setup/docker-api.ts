import { readFileSync } from "node:fs";
import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

import { attempt } from "./run.ts";

const defaultSocket = "/var/run/docker.sock";

/** The address of the engine that the docker CLI would use here, as a person would name it. */
export function engineAddress(env: NodeJS.ProcessEnv = process.env): string {
  if (env.DOCKER_HOST) return env.DOCKER_HOST;
  const context = env.DOCKER_CONTEXT ?? currentContext(env);
  return context && context !== "default" ? `context ${context}` : `unix://${defaultSocket}`;
}

/** What the engine answers to a GET, or nothing when it does not answer or says no. */
export async function askEngine(path: "/version" | `/images/${string}/json`): Promise<unknown> {
  const address = engineAddress();
  if (address.startsWith("unix://")) return getFromSocket(address.slice("unix://".length), path);
  // Elsewhere it takes TLS, SSH or a context to get there, which the CLI knows how to do.
  const args =
    path === "/version"
      ? ["version", "--format", "{{json .Server}}"]
      : ["image", "inspect", "--format", "{{json .}}", path.slice("/images/".length, -"/json".length)];
  const outcome = await attempt("docker", args, { timeout: 15_000 });
  return outcome.ok ? parsed(outcome.stdout) : undefined;
}

function currentContext(env: NodeJS.ProcessEnv): string | undefined {
  try {
    const file = join(env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
    const config: unknown = JSON.parse(readFileSync(file, "utf8"));
    return textIn(config, "currentContext");
  } catch {
    return undefined;
  }
}

function getFromSocket(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path, timeout: 5_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve(response.statusCode === 200 ? parsed(Buffer.concat(chunks).toString()) : undefined),
      );
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(undefined));
    asked.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A field of something whose shape is not known, if it is a text. */
export function textIn(value: unknown, field: string): string | undefined {
  if (typeof value !== "object" || value === null || !(field in value)) return undefined;
  const found: unknown = Reflect.get(value, field);
  return typeof found === "string" ? found : undefined;
}
