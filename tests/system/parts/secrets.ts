import { existsSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { readServices } from "../../../swarm/services.ts";
import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { engineAddress, engineOf } from "../../support/production.ts";

/** What is secret is found where it has to be and nowhere else. */
export function secrets(clone: () => Clone): void {
  test("the database's password is nowhere in clear: not in logs, state, process lists, services or images", async () => {
    const engine = engineAddress(clone(), "staging");
    const [node] = await docker("ps", "--quiet", "--filter", `name=slipway-${await clone().instance()}-staging-1$`);
    const [task] = await docker("-H", engine, "ps", "--quiet", "--filter", "name=staging_app");
    const [password] = await docker("-H", engine, "exec", String(task), "cat", "/run/secrets/database-password");
    expect(password?.length).toBeGreaterThan(15);
    const encoded = Buffer.from(String(password)).toString("base64");

    const files = await readdir(join(clone().root, ".slipway"), { recursive: true, withFileTypes: true });
    const texts = files.filter((entry) => entry.isFile() && !/node|cache|checkouts/.test(entry.parentPath));
    const { image } = (await readServices(engineOf(clone(), "staging"), "staging")).find(
      ({ name }) => name === "staging_app",
    ) as { image: string };
    const seen = [
      ...(await Promise.all(texts.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")))),
      ...(await docker("exec", String(node), "ps", "-e", "-o", "args")),
      ...(await docker("-H", engine, "service", "inspect", "staging_app", "staging_database", "staging_migrate")),
      ...(await docker("-H", engine, "inspect", String(task))),
      ...(await docker("-H", engine, "history", "--no-trunc", image)),
    ].join("\n");
    expect(seen).toContain("staging_app");
    for (const text of [String(password), encoded]) expect(seen.includes(text)).toBe(false);
  });

  test("the passphrase is a file that only its owner can read, and no secret is in state in clear", async () => {
    const passphrase = join(clone().root, ".slipway", "passphrase");
    expect(existsSync(passphrase) && statSync(passphrase).mode & 0o777).toBe(0o600);
    const shown = await clone().pulumi("stack", "export", "-s", "production");
    const state = JSON.parse(shown.stdout).deployment.resources as { type: string; outputs?: { stdout?: unknown } }[];
    const passwords = state.filter(({ type, outputs }) => type === "command:local:Command" && outputs?.stdout);
    expect(JSON.stringify(passwords)).toContain("ciphertext");
  });
}
