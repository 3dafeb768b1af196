import { PrerequisiteError } from "../../pipeline/errors.ts";
import { assertRegistry } from "../../pipeline/own-registry.ts";
import { plainText } from "../../pipeline/plain-text.ts";
import { stackSettings } from "../../pipeline/stack-settings.ts";
import { doctor as examine, type Finding } from "../../setup/ensure.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines } from "../output.ts";
import { bad, faint, good } from "../render/style.ts";

const lines = ({ name, ok, found, get }: Finding): string[] => [
  `${ok ? good("✓") : bad("✗")} ${name}${found ? faint(` ${found.version} ${found.where}`) : ""}`,
  ...(get ? [`    ${get}`] : []),
];

/** A registry of one's own is as necessary as what is installed. */
async function registryFindings(): Promise<Finding[]> {
  const { registry } = (await stackSettings()).delivery;
  if (!registry) return [];
  try {
    await assertRegistry(registry);
    return [{ name: "Registry", ok: true, found: { version: "lets docker's login write", where: registry } }];
  } catch (error) {
    if (!(error instanceof PrerequisiteError)) throw error;
    return [{ name: `Registry ${registry}`, ok: false, get: plainText(`${error.message}. Next: ${error.next ?? ""}`) }];
  }
}

/** The managers of Swarms that are there already, where the settings can be read. */
async function managers(): Promise<Finding[]> {
  const { managerFindings } = await import("../../pipeline/clusters.ts");
  const settings = await stackSettings().catch(() => undefined);
  const found = settings ? await managerFindings(settings) : [];
  return found.map(({ environment, engine, version, trouble }) => ({
    name: `Manager of ${environment}`,
    ok: trouble === undefined,
    ...(version === undefined ? {} : { found: { where: engine, version } }),
    ...(trouble ? { get: `${engine}: ${trouble.why}. ${trouble.next}` } : {}),
  }));
}

/** Says what is present, what is missing and how to get it; changes nothing. */
export const doctor: Command<{ json?: boolean }> = async ({ json }) => {
  const findings = [...(await examine()), ...(await registryFindings()), ...(await managers())];
  if (json) printJson({ findings });
  else printLines(...findings.flatMap(lines));
  return findings.every(({ ok }) => ok) ? exitCodes.done : exitCodes.prerequisite;
};
