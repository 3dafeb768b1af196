import { ownerLabel, projectRoot } from "../settings/project.ts";
import { PrerequisiteError } from "./errors.ts";
import { plainLine } from "./plain-text.ts";
import { assertEngine } from "./preflight.ts";
import { runCommand } from "./run-command.ts";

/** What a registry had on disk, in bytes, before and after what nothing refers to was removed. */
export interface Collected {
  before: number;
  after: number;
}

/** Whether the registry is one that this clone made on this machine. */
export async function isOwn(container: string | undefined): Promise<boolean> {
  if (container === undefined) return false;
  const engine = await assertEngine();
  const found = await engine
    .getContainer(container)
    .inspect()
    .catch(() => undefined);
  return found?.Config.Labels?.[ownerLabel.label] === ownerLabel.value;
}

/**
 * Has the default's own registry free the space of what nothing refers to any more. It takes no writes meanwhile, and goes on with
 * it when this program ends.
 * @throws PrerequisiteError
 */
export async function collectGarbage(container: string, signal: AbortSignal): Promise<Collected> {
  const command = ["docker", "exec", "--", container, "collect-garbage"];
  const { exitCode, stdout, stderr } = await runCommand(command, { cwd: projectRoot, signal });
  const [, before, after] = /^(\d+) (\d+)\s*$/.exec(stdout) ?? [];
  if (exitCode === 0 && before && after) return { before: Number(before), after: Number(after) };
  const said = plainLine(`${stdout} ${stderr}`.trim().split("\n").at(-1) ?? "", 300);
  throw new PrerequisiteError(
    `The registry's space is not freed: ${said || `collect-garbage ended with ${exitCode}`}`,
    {
      next: "npm run promote (brings the registry up to date), then npm run promote -- prune",
    },
  );
}
