import type { Loaded } from "./load.ts";
import type { Mount, Stack, StackService } from "./model.ts";
import type { StackFileProblem } from "./problems.ts";

/** Tells what is wrong at a dotted path. */
export type Tell = (path: string, what: string) => void;

/** Makes a list of problems out of what is told, each with its place. */
export function tellInto(problems: StackFileProblem[], place: Loaded["place"]): Tell {
  return (path, what) => void problems.push({ ...place(path), at: path, what });
}

const needsSource = ["bind", "npipe", "image", "cluster"];
const optionsOf = ["bind", "volume", "tmpfs"] as const;

function mountRules(mount: Mount, at: string, { volumes }: Stack, tell: Tell): void {
  const { type, source } = mount;
  for (const option of optionsOf) {
    const fits = option === type || (option === "bind" && type === "npipe");
    if (mount[option] !== undefined && !fits)
      tell(`${at}.${option}`, `a mount of the type ${type} has no such options`);
  }
  if (needsSource.includes(type) && !source) tell(at, `a mount of the type ${type} needs a source`);
  if (type === "tmpfs" && source) tell(`${at}.source`, "a mount of the type tmpfs has no source");
  if (type === "volume" && source && !volumes[source])
    tell(at, `there is no volume ${source} under the top level's \`volumes\``);
}

function referenceRules(service: StackService, at: string, stack: Stack, tell: Tell): void {
  for (const kind of ["configs", "secrets"] as const) {
    service[kind]?.forEach(({ source = "" }, index) => {
      if (!stack[kind][source])
        tell(`${at}.${kind}.${index}`, `there is no ${source || "name"} under the top level's \`${kind}\``);
    });
  }
  for (const name of Object.keys(service.networks ?? {})) {
    if (name !== "default" && !stack.networks[name]) {
      tell(`${at}.networks`, `there is no network ${name} under the top level's \`networks\``);
    }
  }
}

function serviceRules(name: string, service: StackService, stack: Stack, tell: Tell): void {
  const at = `services.${name}`;
  const { deploy, healthcheck, restart } = service;
  if (!service.image) tell(at, "it has no `image`");
  referenceRules(service, at, stack, tell);
  service.volumes?.forEach((mount, index) => void mountRules(mount, `${at}.volumes.${index}`, stack, tell));
  if (deploy?.mode?.startsWith("global") && deploy.replicas !== undefined) {
    tell(`${at}.deploy.replicas`, `the mode ${deploy.mode} runs one task on every node, not a number of them`);
  }
  if (healthcheck?.disable && healthcheck.test?.length) {
    tell(`${at}.healthcheck`, "`test` and `disable` exclude each other");
  }
  if (restart && !deploy?.restart_policy && !/^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/.test(restart)) {
    tell(`${at}.restart`, `found ${JSON.stringify(restart)}, expected no, always, unless-stopped or on-failure`);
  }
}

/** Tells what `docker stack deploy`, or Swarm, would refuse of a stack whose parts are all right. */
export function tellRules(stack: Stack, tell: Tell): void {
  for (const [name, service] of Object.entries(stack.services)) serviceRules(name, service, stack, tell);
}
