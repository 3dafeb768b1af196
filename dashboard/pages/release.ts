import type { Evidence, ReleaseEvidence } from "../../evidence/of-release.ts";
import type { Between, CommitFacts } from "../../pipeline/commits.ts";
import { duration } from "../../pipeline/duration.ts";
import { utc } from "../../pipeline/plain-text.ts";
import type { FollowedRun, FollowedStep } from "../../pipeline/progress-file.ts";
import { type Release, short } from "../../settings/release.ts";
import type { Session } from "../access/sessions.ts";
import { may } from "../access/users.ts";
import { type Html, html, nothing } from "../html.ts";
import type { Cell, KnownStep, Standing } from "../overview.ts";
import { secondsOf, shownBy } from "../proofs.ts";
import { layout } from "./layout.ts";
import { badge, commitLink, moment, standingBadge, type Tone } from "./parts.ts";
import { probeBlock } from "./probe.ts";

/** All that is shown of a release. */
export interface ReleaseView {
  commit: CommitFacts;
  standing: Standing;
  reason?: string;
  cells: readonly Cell[];
  steps: readonly KnownStep[];
  run?: FollowedRun;
  /** What the step that runs has printed last. */
  log?: readonly string[];
  proof?: ReleaseEvidence;
  /** What production runs, and what this has that production has not. */
  production?: { commit: string; between?: Between };
}

const outcomeTones: Record<Cell["outcome"], Tone> = {
  passed: "good",
  skipped: "good",
  waived: "careful",
  failed: "bad",
  running: "busy",
  superseded: "",
  "not reached": "",
};

/** A commit in a list of them. */
export const commitLine = ({ commit, subject, author, on }: CommitFacts): Html =>
  html`<li>${commitLink(commit)} ${subject} <span class="faint">${author}, ${moment(on)}</span></li>`;

/** What comes with a release, in commits. */
export function commitsSince({ commits, more, lost }: Between, from: string): Html {
  const lead =
    lost > 0 ? html`<p class="notice">Production runs ${lost} commit(s) that this release does not have.</p>` : nothing;
  if (commits.length === 0) return html`${lead}<p class="faint">Nothing that ${short(from)} does not have.</p>`;
  return html`${lead}<ul class="plain">${commits.map(commitLine)}</ul>${more ? html`<p class="faint">And earlier ones.</p>` : nothing}`;
}

const testList = (id: string, title: string, tests: readonly string[]): Html =>
  tests.length === 0
    ? nothing
    : html`<details id="${id}"><summary>${tests.length} ${title}</summary><ul>${tests.map((test) => html`<li>${test}</li>`)}</ul></details>`;

/** What a step showed: its tests by name, and what the load probe saw meanwhile. */
function shown(number: number, evidence: Evidence | undefined): Html {
  if (!evidence) return nothing;
  const { passedTests, skippedTests, probe } = shownBy(evidence);
  return html`${testList(`passed-${number}`, "tests passed", passedTests)}${testList(`skipped-${number}`, "tests skipped", skippedTests)}${
    probe ? probeBlock(number, probe) : nothing
  }`;
}

const trouble = ({ number, reason, details = [], next, probe }: FollowedStep): Html =>
  html`${reason ? html`<div class="bad">${reason}</div>` : nothing}${
    details.length > 0 ? html`<pre class="log" tabindex="0">${details.join("\n")}</pre>` : nothing
  }${probe ? probeBlock(number, probe) : nothing}${next ? html`<div class="faint">Next: ${next}</div>` : nothing}`;

const liveLog = (lines: readonly string[] = []): Html =>
  lines.length > 0
    ? html`<pre id="live-log" class="log" tabindex="0" aria-label="What it prints" data-end>${lines.join("\n")}</pre>`
    : nothing;

/** Because of what a step was not run. */
function provedBefore(step: FollowedStep | undefined): Html {
  const before = step?.outcome === "skipped" ? step.provedBefore : undefined;
  if (!before) return nothing;
  return html`<div class="faint">not run: proved before${before.on ? html`, ${moment(before.on)}` : nothing}${before.signer ? html`, by the word of ${before.signer}` : nothing} <span class="mono">${before.evidence.slice(7, 19)}</span></div>`;
}

function stepRow({ number, name, outcome }: Cell, view: ReleaseView): Html {
  const claim = view.steps.find((step) => step.number === number)?.claim;
  const evidence = view.proof?.evidence.findLast((one) => one.claim === claim && claim && !one.flaw);
  const followed = view.run?.steps.find((step) => step.number === number);
  const ran = followed?.outcome === "skipped" ? undefined : followed;
  const seconds = ran?.seconds ?? (evidence && secondsOf(evidence));
  const at = ran?.startedOn ?? evidence?.startedOn;
  const now = outcome === "running" && view.run?.doing ? view.run.doing : undefined;
  return html`<tr>
    <td class="number">${number}</td>
    <th scope="row">${name}</th>
    <td>${badge(outcomeTones[outcome], outcome)}</td>
    <td class="number" data-label="took">${seconds === undefined ? "" : duration(seconds)}</td>
    <td>${at ? moment(at) : nothing}</td>
    <td>${now ? html`<div class="faint">${now}</div>` : nothing}${outcome === "running" ? liveLog(view.log) : nothing}${provedBefore(followed)}${ran?.outcome === "failed" ? trouble(ran) : shown(number, evidence)}</td>
  </tr>`;
}

const stepTable = (view: ReleaseView): Html => html`<div class="rows"><table>
    <thead><tr><th scope="col" class="number">#</th><th scope="col">Step</th><th scope="col">Result</th><th scope="col" class="number">Took</th><th scope="col">When</th><th scope="col">What it showed</th></tr></thead>
    <tbody>${view.cells.map((cell) => stepRow(cell, view))}</tbody>
  </table></div>`;

/** Whose word it is: who decided, where people do, and whose key signed it. */
function word(evidence: Evidence): Html {
  const { signer, runBy } = evidence;
  const { approver, decision, reason } = shownBy(evidence);
  if (!approver) return html`${signer ?? ""}<div class="faint">${runBy ? `run by ${runBy}` : ""}</div>`;
  return html`${signer ?? ""}<div>${decision ?? "decided"} by ${approver}${reason ? html`: ${reason}` : nothing}</div>`;
}

function evidenceRow(evidence: Evidence, commit: string): Html {
  const { digest, claim, finishedOn, flaw } = evidence;
  const base = `/releases/${commit}/evidence/${digest}`;
  return html`<tr>
    <th scope="row">${claim ?? "not readable"}</th>
    <td>${flaw ? html`${badge("bad", "does not count")}<div class="bad">${flaw}</div>` : badge("good", "verified")}</td>
    <td>${word(evidence)}</td>
    <td>${finishedOn ? moment(finishedOn) : nothing}</td>
    <td><span class="mono faint" title="${digest}">${digest.slice(7, 19)}</span> <a href="${base}/statement" download>statement</a> <a href="${base}/envelope" download>envelope</a></td>
  </tr>`;
}

/** What a release has proved, by whose word. */
export const evidenceTable = ({ evidence, missing, release }: ReleaseEvidence): Html => html`<div class="rows"><table>
    <thead><tr><th scope="col">Evidence</th><th scope="col">Checked</th><th scope="col">Signed by</th><th scope="col">When</th><th scope="col">Kept as</th></tr></thead>
    <tbody>${evidence.map((one) => evidenceRow(one, release.commit))}${missing.map(
      (claim) =>
        html`<tr><th scope="row" class="faint">${claim}</th><td>${badge("", "none that counts")}</td><td></td><td></td><td></td></tr>`,
    )}</tbody>
  </table></div>`;

const imageList = ({ images }: Release): Html =>
  html`<dl class="facts">${Object.entries(images).map(
    ([name, image]) => html`<dt>${name}</dt><dd class="mono">${image.slice(image.indexOf("/") + 1)}</dd>`,
  )}</dl>`;

function runNotes({ run }: ReleaseView): Html {
  if (!run) return nothing;
  const goes = run.outcome
    ? html`${run.outcome} ${run.endedOn ? moment(run.endedOn) : nothing}${run.reason ? html`: ${run.reason}` : nothing}`
    : html`since ${moment(run.startedOn)}`;
  const notes = run.notes.length > 0 ? html`<ul>${run.notes.map((note) => html`<li>${note}</li>`)}</ul>` : nothing;
  return html`<h2>Last run from here</h2><div class="card"><div>${goes}</div>${notes}</div>`;
}

function actions({ user, token }: Session, { commit, standing }: ReleaseView): Html {
  const review = ["ready", "rejected"].includes(standing)
    ? html`<a class="button primary" href="/releases/${commit.commit}/approve">Review for production</a>`
    : nothing;
  const idle = ["not delivered", "on its way", "failed", "stopped"].includes(standing);
  const deliver =
    idle && may(user, "operate")
      ? html`<form method="post" action="/releases/${commit.commit}/deliver"><input type="hidden" name="token" value="${token}" /><button type="submit" data-busy="Starting …">Deliver</button></form>`
      : nothing;
  return html`<div class="actions">${review}${deliver}</div>`;
}

const head = (session: Session, view: ReleaseView): Html => html`<div class="title">
    <div><h1>${view.commit.subject}</h1><p class="faint"><span class="mono">${view.commit.commit}</span><br />${view.commit.author}, <span title="when git got it">${utc(view.commit.on)}</span></p>
    <p>${standingBadge(view.standing)} ${view.reason ? html`<span class="faint">${view.reason}</span>` : nothing}</p></div>
    ${actions(session, view)}
  </div>`;

function comparison({ production, commit, proof }: ReleaseView): Html {
  const since =
    production === undefined
      ? html`<p class="faint">Production runs no release.</p>`
      : production.commit === commit.commit
        ? html`<p class="faint">This is what production runs.</p>`
        : production.between
          ? commitsSince(production.between, production.commit)
          : html`<p class="faint">This repository does not know ${short(production.commit)}, which production runs.</p>`;
  return html`<div class="columns"><section><h2>Commits since production's</h2><div class="card">${since}</div></section>
    <section><h2>Images</h2><div class="card">${proof ? imageList(proof.release) : html`<p class="faint">Nothing was built from this commit yet.</p>`}</div></section></div>`;
}

/** A commit: what it brings, what it went through, and what it has proved. */
export const releasePage = (session: Session, view: ReleaseView): Html =>
  layout({
    title: view.commit.subject,
    session,
    events: `/events?of=release/${view.commit.commit},log/${view.commit.commit},environments`,
    body: html`<p class="crumbs"><a href="/">Now</a></p>
      <div id="head" data-live>${head(session, view)}</div>
      <div id="comparison" data-live>${comparison(view)}</div>
      <h2>Steps</h2>
      <div id="steps" data-live>${stepTable(view)}${runNotes(view)}</div>
      <h2>Evidence</h2>
      <div id="evidence" data-live>${view.proof ? evidenceTable(view.proof) : html`<p class="faint">None yet.</p>`}</div>`,
  });
