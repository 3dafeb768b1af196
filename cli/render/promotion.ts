import { relative } from "node:path";

import type { Decision, Standing } from "../../evidence/approvals.ts";
import { duration } from "../../pipeline/duration.ts";
import { type StepResult, stepTitle } from "../../pipeline/events.ts";
import type { GoingBack } from "../../pipeline/go-back.ts";
import { plainLine, plainText, utc } from "../../pipeline/plain-text.ts";
import type { PromotionResult } from "../../pipeline/promotion-result.ts";
import { short } from "../../settings/release.ts";
import { releaseName } from "../../settings/release-name.ts";
import { bad, careful, faint, good, strong } from "./style.ts";

const named = ({ release, commit }: PromotionResult): string => (release ? releaseName(release) : short(commit));

const shownPath = (path: string): string => {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
};

/** How going back ended, as lines for a person. */
export function wentBackLines({ release, outcome, seconds, reason, details = [], log }: GoingBack): string[] {
  const name = releaseName(release);
  if (outcome === "restored") {
    return [good(`  Went back:  ${name} runs again after ${duration(seconds)}, and its readiness tests pass.`)];
  }
  if (outcome === "refused") return [bad(strong(`  Not gone back to ${name}: ${reason}`))];
  return [
    bad(strong(`  Going back to ${name} failed, too: ${reason}`)),
    ...details.map((line) => `    ${plainText(line)}`),
    ...(log ? [`  Its log:    ${shownPath(log)}`] : []),
  ];
}

function failureLines(result: PromotionResult, failed: StepResult): string[] {
  const details = (failed.details ?? [])
    .filter((line) => line !== failed.reason)
    .map((line) => `    ${plainText(line)}`);
  return [
    "",
    bad(strong(`Step ${stepTitle(failed)} said no to ${short(result.commit)}:`)),
    `  ${failed.reason ?? "no reason was given"}`,
    ...(details.length > 0 ? ["", ...details, ""] : []),
    ...(failed.log ? [`  Full log:   ${shownPath(failed.log)}`] : []),
    ...(result.wentBack ? wentBackLines(result.wentBack) : []),
    ...(result.production ? [`  Production: ${result.production}`] : []),
  ];
}

/** Whose approvals a release has, and how many it still lacks. */
const approvalLines = ({ counting, lacking }: Standing): string[] => [
  ...counting.map(({ signer, on }) => `  Approved by:            ${plainLine(signer)}, ${utc(on)}`),
  ...(lacking > 0 ? [`  Approvals lacking:      ${lacking}`] : []),
];

const readyLines = (result: PromotionResult): string[] => [
  "",
  good(strong(`${named(result)} is ready for production.`)),
  ...(result.held ? [bad(`  Not now:                ${plainLine(result.held, 300)}`)] : []),
  ...(result.approvals ? approvalLines(result.approvals) : []),
  ...(result.irreversible ?? []).map((file) => bad(`  Cannot be gone back from: ${plainText(file)}`)),
  ...(result.production ? [`  Production now:         ${result.production}`] : []),
  `  See what would change:  npm run promote -- preview production --commit ${short(result.commit)}`,
];

const rejectedLines = (result: PromotionResult, { signer, approver, reason, on }: Decision): string[] => [
  "",
  bad(strong(`${named(result)} was rejected for production by ${plainLine(`${signer} (${approver})`)}, ${utc(on)}.`)),
  ...(reason ? [`  Reason:     ${plainLine(reason, 400)}`] : []),
  ...(result.production ? [`  Production: ${result.production}`] : []),
];

const supersededLines = (result: PromotionResult, by: string): string[] => [
  "",
  careful(strong(`${named(result)} gave way to ${short(by)}, which is newer.`)),
  ...(result.production ? [`  Production: ${result.production}`] : []),
];

const deployedLines = (result: PromotionResult): string[] => [
  "",
  good(strong(`${named(result)} runs in production.`)),
  ...result.addresses.map((address) => `  ${faint(address)}`),
];

/** How a promotion ended, as lines for a person, the next command last. */
export function promotionLines(result: PromotionResult): string[] {
  const failed = result.steps.find(({ outcome }) => outcome === "failed");
  const next = result.next ? [`  Next:       ${result.next}`] : [];
  if (failed) return [...failureLines(result, failed), ...next];
  if (result.outcome === "deployed") return deployedLines(result);
  if (result.supersededBy) return [...supersededLines(result, result.supersededBy), ...next];
  if (result.rejection) return rejectedLines(result, result.rejection);
  if (result.outcome === "declined") return ["", `${named(result)} was not deployed to production.`, ...next];
  const label = result.held || result.approvals ? "Next:                 " : "Press the button:     ";
  return [...readyLines(result), `  ${label}  ${result.next ?? ""}`];
}
