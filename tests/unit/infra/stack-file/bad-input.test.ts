import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { loadStack } from "../../../../infra/stack-file/load.ts";
import { StackFileError } from "../../../../infra/stack-file/problems.ts";
import { type Files, loaded, problemsOf, web, written } from "./written.ts";

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
  .concat(["b", "c", "d", "e", "f"].map((name, index) => `${name}: &${name} [${Array(10).fill(`*${"abcde"[index]}`)}]`))
  .join("\n");

const refused: [what: string, files: Files, problem: string][] = [
  ["a syntax error", { "a.yaml": "services:\n  web: [\n" }, "3 : Flow sequence in block collection"],
  ["a key twice", { "a.yaml": web("image: a", "image: b") }, "4 : Map keys must be unique"],
  ["a second document", { "a.yaml": "services: {}\n---\nservices: {}" }, "2 : a second document begins here"],
  ["no mapping", { "a.yaml": "" }, "- : it is not a mapping"],
  ["an anchor that is not there", { "a.yaml": web("image: a", "<<: *none") }, "4 : there is no anchor &none before it"],
  ["an anchor in itself", { "a.yaml": "services: {}\nx-a: &a\n  b: *a" }, "3 : an anchor contains itself"],
  ["an alias bomb", { "a.yaml": bomb }, "1 : its anchors come to more than 100000 values"],
  ["a merge of a text", { "a.yaml": web("<<: text") }, "3 : `<<` takes a mapping"],
  ["10 MB", { "a.yaml": "#".repeat(10 * 1024 * 1024) }, "- : it has 10485760 bytes"],
  ["not UTF-8", { "a.yaml": Buffer.from("services:\n  web:\n    image: \xff\n", "latin1") }, "3 : it is not UTF-8"],
  ["an unknown key", { "a.yaml": web("imgae: a") }, "3 services.web.imgae: there is no such key; is it misspelt?"],
  ["an unknown key of all", { "a.yaml": "name: shop\nservices: {}" }, "1 name: there is no such key"],
  ["a wrong type", { "a.yaml": web('tty: "yes"') }, '3 services.web.tty: found "yes", expected true or false'],
  [
    "a wrong type inside a list",
    { "a.yaml": web("ports:", "  - target: x") },
    '4 services.web.ports.0.target: found "x"',
  ],
  ["truth in an environment", { "a.yaml": web("environment: {A: true}") }, "3 services.web.environment.A: found true"],
  ["a short port", { "a.yaml": web("ports:", "  - 80", "  - x:80") }, '5 services.web.ports.1: "x:80" is no port'],
  [
    "a short volume",
    { "a.yaml": web("volumes: [data:/b:ro:d]") },
    '3 services.web.volumes.0: "data:/b:ro:d" is no volume',
  ],
  [
    "a duration",
    { "a.yaml": web("stop_grace_period: 10") },
    "3 services.web.stop_grace_period: found 10, expected a dur",
  ],
  [
    "a size",
    { "a.yaml": web("deploy: {resources: {limits: {memory: big}}}") },
    '3 services.web.deploy.resources.limits.memory: found "big"',
  ],
  ["an open quote", { "a.yaml": web('command: echo "a') }, "3 services.web.command: a quote in it is not closed"],
  [
    "a variable without a value",
    { "a.yaml": web(`image: a:\${TAG:?which one}`) },
    "3 services.web.image: the variable TAG has no value: which one",
  ],
  ["no variable", { "a.yaml": web(`image: a:\${1}`) }, `3 services.web.image: "a:\${1}" is no reference to a variable`],
  [
    "a variable that is no number",
    { "a.yaml": web(`deploy: {replicas: '\${MANY}'}`) },
    "3 services.web.deploy.replicas: its variables do not come to a whole number",
  ],
  ["a missing env_file", { "a.yaml": web("env_file: [none.env]") }, "3 services.web.env_file.0: "],
  ["a refused key", { "a.yaml": web("mem_limit: 1g") }, "3 services.web.mem_limit: `docker stack deploy` refuses it"],
  ["a version that is none", { "a.yaml": 'version: "2.4"' }, '1 version: found "2.4"'],
  [
    "a key of a later version",
    { "a.yaml": `version: "3.6"\n${web("init: true")}` },
    "4 services.web.init: it came with version 3.7",
  ],
  ["two versions", { "a.yaml": 'version: "3.6"', "b.yaml": 'version: "3.7"' }, "1 version: found 3.7 after 3.6"],
  ["no file of a config", { "a.yaml": "configs: {site: {}}" }, "1 configs.site: it has no `file`"],
  [
    "two names",
    { "a.yaml": "volumes: {v: {name: a, external: {name: b}}}" },
    "1 volumes.v.external.name: it is given with `name`",
  ],
  [
    "a driver of another's volume",
    { "a.yaml": "volumes: {v: {external: true, driver: local}}" },
    "1 volumes.v.driver: it is made by somebody else",
  ],
];

describe("a stack file that cannot be deployed says where and why", () => {
  test.each(refused)("%s", async (_what, files, problem) => {
    const problems = await problemsOf(files, { MANY: "many" });
    expect(problems.join("\n")).toContain(problem);
    expect(problems).toHaveLength(1);
  });

  test("all of it at once, in the order of its lines", async () => {
    const problems = await problemsOf({ "a.yaml": web("tty: 1", "extends: {}", `image: a:\${TAG:?}`, "init: x") });
    expect(problems.map((problem) => problem.split(" ")[0])).toEqual(["3", "4", "5", "6"]);
  });

  test("without what variables hold, which may be a secret", async () => {
    const problems = await problemsOf(
      { "a.yaml": web(`ports: [{target: '\${PORT}', mode: '\${MODE}'}]`) },
      { PORT: "1", MODE: "s3cret" },
    );
    expect(problems.join()).toContain(`found "\${MODE}"`);
    expect(problems.join()).not.toContain("s3cret");
  });

  test("with control characters of keys written out", async () => {
    const folder = await written({ "a.yaml": web('"\\e[31mred": 1') });
    expect(() => loadStack([join(folder, "a.yaml")], { variables: {} })).toThrow("services.web.\\u001b[31mred");
  });

  test.each([
    ["a file that is not there", "none.yaml", "none.yaml: there is no such file"],
    ["a folder", ".", "it is a folder, not a file"],
  ])("%s", async (_what, name, message) => {
    const folder = await written({});
    expect(() => loadStack([join(folder, name)], { variables: {} })).toThrow(message);
    expect(() => loadStack([join(folder, name)], { variables: {} })).toThrow(StackFileError);
  });
});

describe("what docker stack deploy ignores is warned of", () => {
  test.each([
    ["build: .", "services.web.build: Swarm has nothing like it"],
    ["privileged: true", "services.web.privileged: Swarm has nothing like it"],
    ["container_name: x", "services.web.container_name: a container of a service cannot be given a name"],
    ["depends_on: [db]", "services.web.depends_on: Swarm starts services in no order"],
    ["tmpfs: /run", "services.web.tmpfs: it is ignored"],
    ["restart: always", "services.web.restart: taken for `deploy.restart_policy`"],
    [
      "volumes: [{type: bind, source: /a, target: /a, bind: {create_host_path: true}}]",
      "services.web.volumes.0.bind.create_host_path: nobody knows it",
    ],
    ["volumes: ['/a:/b:z']", 'services.web.volumes.0: the option "z" means nothing'],
    ["ports: ['127.0.0.1:80:80']", "services.web.ports.0: Swarm publishes on every address, and 127.0.0.1 is ignored"],
    [`image: \${TAG}`, "services.web.image: the variable TAG is not set, and taken for empty"],
  ])("%s", async (line, expected) => {
    const { warnings } = await loaded({ "a.yaml": web(line) });
    expect(warnings.map(({ line: at, at: key, what }) => `${at} ${key}: ${what}`).join()).toContain(`3 ${expected}`);
  });
});
