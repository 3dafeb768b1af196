import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

import { applicationStack, ownStacksOf } from "../settings/delivered.ts";
import { type EnvironmentName, environments } from "../settings/environment.ts";
import type { HandedApplication } from "../settings/handed-application.ts";
import { generated, projectRoot } from "../settings/project.ts";
import { describedAt } from "./description.ts";
import { stackSettings } from "./stack-settings.ts";

/** The environment that a stack has an application of its own in; undefined when it is of another kind. */
export function environmentOf(stack: string, application = ownStacksOf()): EnvironmentName | undefined {
  if (application === undefined) return undefined;
  return environments.find((environment) => stack === applicationStack(application, environment));
}

/** Has programs in checkouts, which lie below, find `slipway/infra` where they have not installed it themselves. */
async function offerInfra(): Promise<void> {
  const link = generated("node_modules", "slipway");
  if ((await readlink(link).catch(() => undefined)) === projectRoot) return;
  await mkdir(join(link, ".."), { recursive: true });
  await rm(link, { force: true });
  await symlink(projectRoot, link);
}

/**
 * What the program of an application of its own is told: where its files are, and what is demanded of its releases.
 * @param root the checkout or work tree that holds the files; nothing is told where there is none
 */
export async function handedTo(stack: string, root: string | undefined): Promise<HandedApplication | undefined> {
  const environment = environmentOf(stack);
  if (environment === undefined || root === undefined) return undefined;
  await offerInfra();
  const { evidenceDays, approvers, approveOwn, approvalHours } = (await stackSettings()).environments[environment];
  return {
    root,
    description: await describedAt(root),
    demands: { days: evidenceDays, approvers, approveOwn, approvalHours },
  };
}
