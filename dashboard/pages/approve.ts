import type { Standing } from "../../evidence/approvals.ts";
import type { ReleaseEvidence } from "../../evidence/of-release.ts";
import type { Between, CommitFacts } from "../../pipeline/commits.ts";
import type { Change, EnvironmentDiff } from "../../pipeline/diff.ts";
import type { Release } from "../../settings/release.ts";
import { releaseName } from "../../settings/release-name.ts";
import type { Session } from "../access/sessions.ts";
import { may } from "../access/users.ts";
import { type Html, html, nothing } from "../html.ts";
import type { Preview } from "../previews.ts";
import { layout } from "./layout.ts";
import { badge, commitLink, moment, type Tone } from "./parts.ts";
import { commitsSince, evidenceTable } from "./release.ts";

/** All that somebody reads before they decide. */
export interface ApproveView {
  commit: CommitFacts;
  proof: ReleaseEvidence;
  preview: Preview;
  /** What production runs. */
  production?: { commit: string; between?: Between };
  /** Which approvals count for that change, and how many are lacking. */
  standing: Standing;
  /** How many people have to approve. */
  approvers: number;
  /** Why an approval by who looks would not count; absent where it would. */
  bar?: string;
  /** Why it cannot be approved by anybody. */
  closed?: string;
  /** Why production is not changed at this time, though it may be approved. */
  held?: string;
}

const tones: Record<Change["kind"], Tone> = { replace: "bad", delete: "bad", update: "careful", create: "good" };

const changeLine = ({ kind, what, details }: Change): Html => html`<li class="${kind}">
    <span>${badge(tones[kind], kind)} ${what}</span>
    ${details.length > 0 ? html`<ul class="mono faint">${details.map((detail) => html`<li>${detail}</li>`)}</ul>` : nothing}
  </li>`;

const named = (release: Release | undefined): string => (release ? releaseName(release) : "nothing");

const migrations = ({ from, to, irreversible, notUndone }: EnvironmentDiff): Html =>
  html`${irreversible.map(
    (file) =>
      html`<p class="notice bad"><strong>Irreversible:</strong> ${file}. Once it has run, ${named(from)} cannot be gone back to.</p>`,
  )}${notUndone.map(
    (file) =>
      html`<p class="notice bad"><strong>Not undone:</strong> ${file}. It has run here, and ${named(to)} may not bear it.</p>`,
  )}`;

/** What would change, what can lose something first. */
export function diffBlock(diff: EnvironmentDiff): Html {
  if (!diff.exists) return html`<p>${diff.environment} does not exist yet: all of it would be made.</p>`;
  if (diff.changes.length === 0) return html`${migrations(diff)}<p class="faint">No change.</p>`;
  return html`${migrations(diff)}<ul class="changes">${diff.changes.map(changeLine)}</ul>`;
}

/** What would change, as far as it is worked out. */
export function previewBlock(preview: Preview): Html {
  if (preview.state === "working") return html`<p class="faint" role="status">Pulumi works out what would change …</p>`;
  if (preview.state === "failed") return html`<p class="notice bad">${preview.why}</p>`;
  return html`${diffBlock(preview.diff)}<p class="faint">Looked at ${moment(preview.at)}.</p>`;
}

/** One of two releases that stand against each other. */
export const side = (title: string, body: Html): Html =>
  html`<div class="card"><div class="faint">${title}</div>${body}</div>`;

const versus = ({ production, commit, proof }: ApproveView): Html => html`<div class="versus">
    ${side("production runs", production ? html`${commitLink(production.commit)}` : html`no release`)}
    <div class="arrow" aria-label="would become">→</div>
    ${side("this release", html`${proof.release.application} ${proof.release.version} ${commitLink(commit.commit)}<div class="faint">${commit.author}, ${moment(commit.on)}</div>`)}
  </div>`;

function approvals({ standing: { counting, void: refused }, approvers }: ApproveView): Html {
  const wanted = html`<p>${approvers > 1 ? `${approvers} people have to approve it.` : "One person has to approve it."}</p>`;
  return html`${wanted}<ul>${counting.map(
    ({ signer, on }) => html`<li>${badge("good", "approved")} ${signer}, ${moment(on)}</li>`,
  )}${refused.map(
    ({ decision, reason }) =>
      html`<li>${badge("", "does not count")} ${decision.signer}: <span class="faint">${reason}</span></li>`,
  )}</ul>`;
}

function buttons({ token, user }: Session, { commit, preview, bar, closed }: ApproveView): Html {
  if (!may(user, "approve")) return html`<p class="faint">${user.name} may view; it is decided by who may approve.</p>`;
  const action = `/releases/${commit.commit}/decision`;
  const hash = preview.state === "known" ? preview.hash : "";
  const why = closed ?? bar ?? (hash === "" ? "What would change is not known yet." : undefined);
  const common = html`<input type="hidden" name="token" value="${token}" /><input type="hidden" name="diff" value="${hash}" />`;
  const off = why === undefined ? "" : "disabled";
  return html`<form method="post" action="${action}">${common}<input type="hidden" name="decision" value="approved" />
      <button id="approve" class="primary" type="submit" data-busy="Approving …" ${off}>Approve and deploy to production</button>
      ${why ? html`<span class="faint">${why}</span>` : nothing}</form>
    <form method="post" action="${action}">${common}<input type="hidden" name="decision" value="rejected" />
      <label for="reason">Reject, because</label>
      <input id="reason" name="reason" type="text" maxlength="1000" required ${closed ? "disabled" : ""} />
      <button id="reject" class="danger" type="submit" data-busy="Rejecting …" ${closed ? "disabled" : ""}>Reject for good</button></form>`;
}

/** Why somebody who has read a change cannot decide on it any more; nothing where it is another one. */
export function whyNotAnyMore({ preview, closed }: { preview: Preview; closed?: string }): string {
  if (closed !== undefined) return closed;
  if (preview.state === "working") return "What would change is being looked at again, since something has changed.";
  return preview.state === "failed" ? "What would change cannot be told now." : "";
}

const decision = (session: Session, view: ApproveView): Html => {
  const { preview } = view;
  const hash = preview.state === "known" ? preview.hash : "";
  return html`<div id="decision" class="card decision" data-live data-diff="${hash}" data-why="${whyNotAnyMore(view)}">
    <p class="notice bad" role="alert" data-notice hidden><span data-text></span> <a href="/releases/${view.commit.commit}/approve">Read it again</a></p>
    ${view.held ? html`<p class="notice">Production is not changed now: ${view.held}. It may be approved, and is deployed later.</p>` : nothing}
    ${buttons(session, view)}
  </div>`;
};

/** Production's release against this one, all that speaks for it, and the two buttons. */
export const approvePage = (session: Session, view: ApproveView): Html => {
  const { commit, production, preview } = view;
  const hash = preview.state === "known" ? preview.hash : "";
  return layout({
    title: `Approve ${commit.subject}`,
    session,
    events: `/events?of=preview/production/${commit.commit},release/${commit.commit},environments`,
    body: html`<p class="crumbs"><a href="/">Now</a> / <a href="/releases/${commit.commit}">release</a></p>
      <h1>${commit.subject}</h1>
      <div id="versus" data-live data-diff="${hash}">${versus(view)}</div>
      <h2>What would change in production</h2>
      <div id="diff" data-live data-diff="${hash}">${previewBlock(preview)}</div>
      <div class="columns">
        <section><h2>Commits</h2><div class="card">${production?.between ? commitsSince(production.between, production.commit) : html`<p class="faint">Production's commit is not known here.</p>`}</div></section>
        <section><h2>Approvals</h2><div id="approvals" class="card" data-live>${approvals(view)}</div></section>
      </div>
      <h2>Evidence</h2>
      <div id="evidence" data-live>${evidenceTable(view.proof)}</div>
      ${decision(session, view)}`,
  });
};
