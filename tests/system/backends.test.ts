import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, vi } from "vitest";
import { parse } from "yaml";

import { environments } from "../../settings/environment.ts";
import { projectRoot } from "../../settings/project.ts";
import { fileBackend, postgresBackend, s3Backend, type TestBackend, whyNoMoto } from "../support/backends.ts";
import { killTree } from "../support/kill-tree.ts";
import { long, longTest } from "../support/long.ts";

const own = join(import.meta.dirname, "backends");

/** A project whose environments are nothing but a file, and whose state is in its own folder at first. */
class Project {
  readonly root: string;
  readonly #env: Record<string, string>;

  private constructor(root: string, env: Record<string, string>) {
    this.root = root;
    this.#env = env;
  }

  static async make(env: Record<string, string>): Promise<Project> {
    const root = await mkdtemp(join(tmpdir(), "slipway-backends-"));
    await mkdir(join(root, "stacks"));
    const files = [
      "package.json",
      "Pulumi.yaml",
      ...["delivery", ...environments].map((name) => `Pulumi.${name}.yaml`),
    ];
    for (const file of [...files, "stacks/run.ts"]) await copyFile(join(projectRoot, file), join(root, file));
    await copyFile(join(own, "program.ts"), join(root, "stacks", "index.ts"));
    await writeFile(join(root, ".gitignore"), ".slipway/\n");
    for (const folder of ["node_modules", "setup"]) await symlink(join(projectRoot, folder), join(root, folder));
    await execa("git", ["init", "--quiet", root]);
    await rm(join(root, ".slipway"), { recursive: true, force: true });
    return new Project(root, { ...env, SLIPWAY_PROJECT: root, SLIPWAY_TEST_MADE: join(root, "made"), CI: "true" });
  }

  #node(script: string, args: string[] = [], env: Record<string, string> = {}) {
    const options = { cwd: this.root, env: { ...this.#env, ...env }, reject: false, stdin: "ignore" } as const;
    return execa(process.execPath, [script, ...args], options);
  }

  async update(env: Record<string, string> = {}): Promise<Update> {
    const { stdout, stderr, exitCode } = await this.#node(join(own, "update.ts"), [], env);
    if (exitCode !== 0) throw new Error(String(stderr));
    return JSON.parse(String(stdout)) as Update;
  }

  /** Begins an update, waits until it is in the middle of it, and returns its process. */
  async begin(): Promise<number> {
    await rm(join(this.root, "made"), { force: true });
    const running = this.#node(join(own, "update.ts"), [], {
      SLIPWAY_TEST_SECONDS: "120",
      SLIPWAY_TEST_VERSION: "cut",
    });
    const begun = () =>
      existsSync(join(this.root, "made")) ? Promise.resolve() : Promise.reject(new Error("not yet"));
    await vi.waitFor(begun, { timeout: 60_000, interval: 100 });
    return running.pid ?? 0;
  }

  async moveState({ url, secretsProvider }: TestBackend) {
    const provider = secretsProvider === undefined ? [] : ["--secrets-provider", secretsProvider];
    const { stdout, stderr, exitCode } = await this.#node(join(projectRoot, "cli", "main.ts"), [
      ...["move-state", url, ...provider, "--json"],
    ]);
    return { stdout: String(stdout), stderr: String(stderr), exitCode };
  }

  async settings(stack?: string): Promise<Record<string, unknown>> {
    return parse(await readFile(join(this.root, stack ? `Pulumi.${stack}.yaml` : "Pulumi.yaml"), "utf8"));
  }

  remove = (): Promise<void> => rm(this.root, { recursive: true, force: true });
}

interface Update {
  outputs: { made: string; word: unknown };
  notes: string[];
  history: { result: string; changes: Record<string, number> }[];
}

/** It takes a minute and more. */

const noMoto = long ? await whyNoMoto() : undefined;
if (noMoto) console.log(`Not run: state on S3, since ${noMoto}`);

const all: [string, () => Promise<TestBackend>, boolean][] = [
  ["a folder", fileBackend, true],
  ["PostgreSQL", postgresBackend, true],
  ["S3, with secrets by a KMS", s3Backend, noMoto === undefined],
];

describe.each(all.filter(([, , can]) => can))("Pulumi's state on %s", (_, make) => {
  let backend: TestBackend;
  let project: Project;
  let running = 0;

  beforeAll(async () => {
    backend = await make();
    project = await Project.make(backend.env);
  });
  afterEach(async () => {
    if (running) await killTree(running);
    running = 0;
  });
  afterAll(async () => {
    await project?.remove();
    await backend?.remove();
  });

  longTest("is not moved there while somebody is at a stack, or has left one half done", async () => {
    await project.update();
    running = await project.begin();
    const refused = await project.moveState(backend);
    expect(refused.stderr).toMatch(/The stack staging is held by \S+ on /);
    expect(refused.exitCode).toBe(5);
    await killTree(running);
    const unsettled = await project.moveState(backend);
    expect(unsettled.stderr).toMatch(/last update of staging was cut off/);
    expect(unsettled.exitCode).toBe(3);
    expect(await project.settings()).not.toHaveProperty("backend");
  });

  longTest("is moved there as it is, and from then on used there", async () => {
    const before = await project.update();
    const moved = await project.moveState(backend);
    expect(moved.stderr).toMatch(/state is at .* now: staging/);
    expect(moved.exitCode).toBe(0);
    expect(await project.settings()).toMatchObject({ backend: { url: backend.url }, main: "stacks/index.ts" });
    expect((await project.settings("delivery")).config).toMatchObject({ "slipway:origin": project.root });
    expect(await readFile(join(project.root, "Pulumi.yaml"), "utf8")).toContain("# Node runs the TypeScript itself");
    const provider = (await project.settings("staging")).secretsprovider;
    expect(provider).toBe(backend.secretsProvider);
    const kept = await readdir(join(project.root, ".slipway"));
    expect(kept).not.toContain("state");
    expect(kept.some((name) => name.startsWith("state-moved-"))).toBe(true);

    const after = await project.update();
    expect(after.outputs).toEqual(before.outputs);
    expect(after.history.map(({ result, changes }) => [result, changes])).toEqual([["succeeded", {}]]);
    const again = await project.moveState(backend);
    expect(again.stderr).toMatch(/is at .* already/);
    expect(again.exitCode).toBe(2);
  });

  longTest("goes on there after a run that was killed", async () => {
    running = await project.begin();
    await killTree(running);
    const resumed = await project.update({ SLIPWAY_TEST_VERSION: "cut" });
    expect(resumed.notes).toEqual([
      expect.stringMatching(/^Removed the lock of staging: the process that held it \(\d+\) is dead\.$/),
    ]);
    expect(resumed.history.at(0)?.result).toBe("succeeded");
    expect((await project.update({ SLIPWAY_TEST_VERSION: "cut" })).history.at(0)?.changes).toEqual({});
  });
});
