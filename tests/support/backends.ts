import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { vi } from "vitest";

import { generated, projectRoot } from "../../settings/project.ts";
import { docker } from "./engine.ts";

/** Somewhere to keep Pulumi's state. */
export interface TestBackend {
  url: string;
  /** What Pulumi finds in its environment to log in. */
  env: Record<string, string>;
  /** What encrypts secrets there, where it is not a passphrase. */
  secretsProvider?: string;
  remove(): Promise<void>;
}

/** A folder. */
export async function fileBackend(): Promise<TestBackend> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-backend-"));
  return { url: pathToFileURL(folder).href, env: {}, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The default's own PostgreSQL, in a container. */
export async function postgresBackend(): Promise<TestBackend> {
  await execa(process.execPath, [join(projectRoot, "images", "build.ts"), "postgres"]);
  const folder = await mkdtemp(join(tmpdir(), "slipway-postgres-"));
  const password = randomBytes(12).toString("hex");
  await writeFile(join(folder, "password"), password, { mode: 0o644 });
  await execa("chmod", ["755", folder]);
  const environment = ["POSTGRES_USER=slipway", "POSTGRES_DB=pulumi", "POSTGRES_PASSWORD_FILE=/run/own/password"];
  const [id = ""] = await docker(
    ...["run", "--detach", "--publish", "127.0.0.1::5432", "--volume", `${folder}:/run/own:ro`],
    ...environment.flatMap((one) => ["--env", one]),
    "slipway/postgres:latest",
  );
  const remove = async (): Promise<void> => {
    await docker("rm", "--force", "--volumes", id);
    await rm(folder, { recursive: true, force: true });
  };
  const healthy = async () => {
    const [state] = await docker("inspect", "--format", "{{.State.Health.Status}}", id);
    if (state !== "healthy") throw new Error(`PostgreSQL is ${state}`);
  };
  try {
    await vi.waitFor(healthy, { timeout: 90_000, interval: 250 });
    const [address = ""] = await docker("port", id, "5432/tcp");
    return { url: `postgres://slipway@${address}/pulumi?sslmode=disable`, env: { PGPASSWORD: password }, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

const motoVersion = "5.2.5";
const motoServer = (): string => generated("moto", "bin", "moto_server");

/** What stands in for Amazon's storage and key service here; returns why it cannot be had. */
export async function whyNoMoto(): Promise<string | undefined> {
  if (existsSync(motoServer())) return undefined;
  await mkdir(generated(), { recursive: true });
  const folder = generated("moto");
  const made = await execa("python3", ["-m", "venv", folder], { reject: false });
  const packages = [`moto[server,s3,kms]==${motoVersion}`];
  const args = ["install", "--quiet", "--disable-pip-version-check", ...packages];
  const got = made.exitCode === 0 && (await execa(join(folder, "bin", "pip"), args, { reject: false })).exitCode === 0;
  if (got) return undefined;
  await rm(folder, { recursive: true, force: true });
  return "moto, which stands in for S3 and KMS, cannot be installed from PyPI here";
}

/** A bucket of an S3-compatible server, and a key of a KMS. */
export async function s3Backend(): Promise<TestBackend> {
  const port = await freePort();
  const server = execa(motoServer(), ["-H", "127.0.0.1", "-p", String(port)], { reject: false, stdio: "ignore" });
  const remove = async (): Promise<void> => {
    server.kill("SIGKILL");
    await server;
  };
  const address = `http://127.0.0.1:${port}`;
  const ask = async (service: string, path: string, init: RequestInit): Promise<Response> => {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request`;
    const response = await fetch(`${address}${path}`, { ...init, headers: { authorization, ...init.headers } });
    if (!response.ok) throw new Error(`${service} answered ${response.status}`);
    return response;
  };
  try {
    await vi.waitFor(() => ask("s3", "/pulumi", { method: "PUT" }), { timeout: 30_000, interval: 200 });
    const headers = { "x-amz-target": "TrentService.CreateKey", "content-type": "application/x-amz-json-1.1" };
    const made = await ask("kms", "/", { method: "POST", headers, body: "{}" });
    const { KeyMetadata } = (await made.json()) as { KeyMetadata: { KeyId: string } };
    return {
      url: `s3://pulumi?endpoint=${encodeURIComponent(address)}&s3ForcePathStyle=true&region=us-east-1`,
      env: {
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_REGION: "us-east-1",
        AWS_ENDPOINT_URL: address,
      },
      secretsProvider: `awskms://${KeyMetadata.KeyId}?region=us-east-1`,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
