import { doctor as examine, type Finding } from "../../setup/ensure.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines } from "../output.ts";
import { bad, faint, good } from "../render/style.ts";

const lines = ({ name, ok, found, get }: Finding): string[] => [
  `${ok ? good("✓") : bad("✗")} ${name}${found ? faint(` ${found.version} ${found.where}`) : ""}`,
  ...(get ? [`    ${get}`] : []),
];

/** Says what is present, what is missing and how to get it; changes nothing. */
export const doctor: Command<{ json?: boolean }> = async ({ json }) => {
  const findings = await examine();
  if (json) printJson({ findings });
  else printLines(...findings.flatMap(lines));
  return findings.every(({ ok }) => ok) ? exitCodes.done : exitCodes.prerequisite;
};
