import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Authority } from "../support/authority.ts";
import { postgresBackend, type TestBackend } from "../support/backends.ts";
import { Clone } from "../support/clone.ts";
import { longTests } from "../support/long.ts";
import { OwnRegistry, password } from "../support/own-registry.ts";

/** What is delivered, into which registry and with which state, is tested elsewhere in parts; all of it takes minutes. */

longTests("a delivery with a registry and a database of one's own", () => {
  let folder: string;
  let registry: OwnRegistry;
  let backend: TestBackend;
  let clone: Clone;
  let certs: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-own-places-"));
    const authority = await Authority.make(folder);
    registry = await OwnRegistry.start("basic", authority, folder, { published: true });
    backend = await postgresBackend();
    // The machine's own engine pushes, and believes nobody else's word about an authority.
    certs = join("/etc/docker/certs.d", registry.host);
    await mkdir(certs, { recursive: true });
    await writeFile(join(certs, "ca.crt"), authority.certificate);
    const auth = Buffer.from(`ann:${password}`).toString("base64");
    await writeFile(join(folder, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    env = { ...backend.env, DOCKER_CONFIG: folder };
    clone = await Clone.make("own-places");
    await clone.set("delivery", "registry", `${registry.host}/team`);
    await clone.commit("Use a registry of one's own");
  });
  afterAll(async () => {
    if (clone) expect((await clone.promoteWith(env, "destroy", "--yes")).exitCode).toBe(0);
    await clone?.remove();
    await backend?.remove();
    await registry?.remove();
    if (certs) await rm(certs, { recursive: true, force: true });
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const promote = (...args: string[]) => clone.promoteWith(env, ...args);

  test("passes all nine steps", async () => {
    const { exitCode, stdout, stderr } = await promote("--continuous", "--json");
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    const { release } = JSON.parse(stdout);
    expect(release.images.app).toMatch(new RegExp(`^${registry.host}/team/demo/app@sha256:`));
    expect((await promote("evidence", "--json")).exitCode).toBe(0);
  });

  test("goes on as it was when the state has moved: nothing is made anew", async () => {
    expect(await promote("move-state", backend.url)).toMatchObject({ exitCode: 0 });
    await clone.commit("Keep the state in PostgreSQL");
    for (const stack of ["delivery", "staging", "prodlike", "production"]) {
      const preview = await clone.pulumiWith(env, "preview", "--expect-no-changes", "--stack", stack);
      expect([stack, preview.exitCode, preview.stdout + preview.stderr]).toEqual([stack, 0, expect.any(String)]);
    }
    expect(await promote("drift")).toMatchObject({ exitCode: 0 });
    await clone.edit("demo/src/routes.ts", "from the demo", "from the demo, moved");
    await clone.commit("Greet otherwise");
    const { exitCode, stderr } = await promote("--continuous");
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    const history = JSON.parse((await promote("history", "production", "--json")).stdout);
    expect(JSON.stringify(history)).toContain("delivered");
  });
});
