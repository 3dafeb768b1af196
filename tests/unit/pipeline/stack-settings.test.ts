import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { inFolder, stackSettings } from "../../../pipeline/stack-settings.ts";
import { edgePorts } from "../../../settings/environment.ts";
import { projectRoot } from "../../../settings/project.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "stack-settings-"));
  const files = (await readdir(projectRoot)).filter((name) => /^Pulumi.*\.yaml$/.test(name));
  await Promise.all(files.map((name) => cp(join(projectRoot, name), join(root, name))));
});
afterEach(() => rm(root, { recursive: true }));

const write = (stack: string, text: string): Promise<void> => writeFile(join(root, `Pulumi.${stack}.yaml`), text);

test("the project's own files are valid", async () => {
  const { environments } = await stackSettings(inFolder(root));
  expect(Object.keys(environments)).toEqual(["staging", "prodlike", "production"]);
});

test("what a file does not say has Pulumi.yaml's default", async () => {
  await write("staging", "config:\n  slipway:port: 8070\n");
  const { environments } = await stackSettings(inFolder(root));
  const text = await readFile(join(root, "Pulumi.yaml"), "utf8");
  expect(text).toContain(`default: ${environments.staging.memory}`);
});

test("a secret is Pulumi's to read, and refused in clear", async () => {
  const own = "config:\n  slipway:port: 8070\n  slipway:certificate:";
  await write("staging", `${own}\n    secure: v1:x\n`);
  await expect(stackSettings(inFolder(root))).resolves.toBeDefined();
  await write("staging", `${own} "-----BEGIN CERTIFICATE-----"\n`);
  await expect(stackSettings(inFolder(root))).rejects.toThrow(/certificate.*in clear.*config set --secret certificate/);
});

test("a salt is no problem", async () => {
  await write("staging", "config:\n  slipway:port: 8070\nencryptionsalt: v1:x\n");
  await expect(stackSettings(inFolder(root))).resolves.toBeDefined();
});

test.each([
  [
    "a wrong value",
    "config:\n  slipway:replicas: many\n",
    /Pulumi\.staging\.yaml[\s\S]*slipway:replicas: found "many"/,
  ],
  ["a key without a value", "config:\n  slipway:replicas:\n", /slipway:replicas: found "null"/],
  ["a misspelt key", "config:\n  slipway:replica: 2\n", /slipway:replica: found a key that is not known/],
  ["a misspelt section", "confg:\n  slipway:replicas: 2\n", /confg: found a key that is not known/],
  ["broken YAML", "config: [\n", /syntax/],
  [
    "a port that another environment has",
    "config:\n  slipway:port: 8080\n  slipway:subnet: 10.9.9.0/24\n",
    /port 8080/,
  ],
  ["a network that another environment has", "config:\n  slipway:subnet: 10.213.3.0/24\n", /subnet 10\.213\.3\.0/],
])("%s is told with its file", async (_, text, message) => {
  await write("staging", text);
  await expect(stackSettings(inFolder(root))).rejects.toThrow(message);
});

test("a missing file is told", async () => {
  await rm(join(root, "Pulumi.staging.yaml"));
  await expect(stackSettings(inFolder(root))).rejects.toThrow(/Pulumi\.staging\.yaml.*\n.*no such file/);
});

test("each node of an environment has a port", () => {
  const settings = {
    nodes: 3,
    managers: 3,
    port: 8080,
    tlsPort: 8443,
    linger: 1,
    subnet: "",
    replicas: 1,
    memory: 1,
    monitor: 1,
    drain: 1,
    databasePassword: 1,
    probe: 0,
    p99: 1,
    evidenceDays: 1,
  };
  expect(edgePorts(settings)).toEqual([
    { http: 8080, https: 8443 },
    { http: 8081, https: 8444 },
    { http: 8082, https: 8445 },
  ]);
});
