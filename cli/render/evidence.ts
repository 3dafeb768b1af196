import { type BrokenGlass, brokenGlass, type Evidence, type ReleaseEvidence } from "../../evidence/of-release.ts";
import { plainLine, utc } from "../../pipeline/plain-text.ts";
import { releaseName } from "../../settings/release-name.ts";
import { bad, faint, good, strong } from "./style.ts";

function line({ digest, claim, finishedOn, signer, runBy, flaw }: Evidence): string[] {
  const mark = flaw ? bad("✗") : good("✓");
  const who = [signer && `signed by ${signer}`, runBy && `run by ${runBy}`].filter(Boolean).join(", ");
  const told = `${mark} ${(claim ?? "not readable").padEnd(21)} ${(finishedOn ? utc(finishedOn) : "").padEnd(23)} ${plainLine(who, 200)}`;
  return [`${told.trimEnd()} ${faint(digest.slice(0, 19))}`, ...(flaw ? [`    ${plainLine(flaw, 300)}`] : [])];
}

/** That the glass was broken for a release, for all to see. */
export const glassLines = (glass: BrokenGlass | undefined): string[] =>
  glass
    ? [
        bad(
          strong(
            `! The glass was broken by ${plainLine(glass.approver, 100)} on ${utc(glass.on)}: ${plainLine(glass.reason, 300)}`,
          ),
        ),
      ]
    : [];

/** What a release has proved, as lines for a person. */
export const evidenceLines = ({ release, evidence, missing }: ReleaseEvidence): string[] => [
  strong(plainLine(releaseName(release))),
  ...glassLines(brokenGlass(evidence)),
  ...evidence.flatMap(line),
  ...missing.map((claim) => faint(`- ${claim.padEnd(21)} no evidence that counts`)),
];
