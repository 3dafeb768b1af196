import type { ReleaseEvidence } from "../../evidence/of-release.ts";
import type { Between, CommitFacts } from "../../pipeline/commits.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import { releaseName } from "../../settings/release-name.ts";
import type { Session } from "../access/sessions.ts";
import { may } from "../access/users.ts";
import { type Html, html, nothing } from "../html.ts";
import type { Preview } from "../previews.ts";
import { previewBlock, side, whyNotAnyMore } from "./approve.ts";
import { layout } from "./layout.ts";
import { commitLink, moment } from "./parts.ts";
import { commitLine, evidenceTable } from "./release.ts";

/** All that somebody reads before they have an environment go back. */
export interface RollbackView {
  environment: EnvironmentName;
  /** What to go back to. */
  commit: CommitFacts;
  proof: ReleaseEvidence;
  preview: Preview;
  /** What runs there now, and what of it the other release does not have. */
  running?: { commit: string; between?: Between };
  /** Why it cannot be done. */
  closed?: string;
}

const versus = ({ environment, running, commit, proof }: RollbackView): Html => html`<div class="versus">
    ${side(`${environment} runs`, running ? html`${commitLink(running.commit)}` : html`no release`)}
    <div class="arrow" aria-label="would go back to">→</div>
    ${side("it would run again", html`${releaseName({ ...proof.release, commit: "" }).replace("()", "")} ${commitLink(commit.commit)}<div class="faint">${commit.subject}, ${commit.author}, ${moment(commit.on)}</div>`)}
  </div>`;

function lost({ running }: RollbackView): Html {
  const between = running?.between;
  if (!between) return html`<p class="faint">This repository does not know both commits.</p>`;
  const forward =
    between.lost > 0
      ? html`<p class="notice">It also brings ${between.lost} commit(s) that do not run here now.</p>`
      : nothing;
  if (between.commits.length === 0) return html`${forward}<p class="faint">None.</p>`;
  return html`${forward}<ul class="plain">${between.commits.map(commitLine)}</ul>${between.more ? html`<p class="faint">And earlier ones.</p>` : nothing}`;
}

function button({ token, user }: Session, { environment, commit, preview, closed }: RollbackView): Html {
  if (!may(user, "operate"))
    return html`<p class="faint">${user.name} may ${user.role}; who may operate takes back.</p>`;
  const hash = preview.state === "known" ? preview.hash : "";
  const why = closed ?? (hash === "" ? "What would change is not known yet." : undefined);
  return html`<form method="post" action="/environments/${environment}/rollback/${commit.commit}">
      <input type="hidden" name="token" value="${token}" /><input type="hidden" name="diff" value="${hash}" />
      <button id="go-back" class="primary" type="submit" data-busy="Going back …" ${why ? "disabled" : ""}>Take ${environment} back to this</button>
      ${why ? html`<span class="faint">${why}</span>` : nothing}</form>`;
}

const decision = (session: Session, view: RollbackView): Html => {
  const { preview, environment, commit } = view;
  const hash = preview.state === "known" ? preview.hash : "";
  return html`<div id="decision" class="card decision" data-live data-diff="${hash}" data-why="${whyNotAnyMore(view)}">
    <p class="notice bad" role="alert" data-notice hidden><span data-text>What would change in ${environment} is not what you see here any more.</span> <a href="/environments/${environment}/rollback/${commit.commit}">Read it again</a></p>
    ${button(session, view)}
  </div>`;
};

/** What an environment runs against what it would go back to, and the button. */
export const rollbackPage = (session: Session, view: RollbackView): Html => {
  const { commit, environment, preview } = view;
  const hash = preview.state === "known" ? preview.hash : "";
  return layout({
    title: `Take ${environment} back to ${commit.subject}`,
    session,
    events: `/events?of=preview/${environment}/${commit.commit},environments,runs`,
    body: html`<p class="crumbs"><a href="/">Now</a> / <a href="/environments/${environment}">${environment}</a></p>
      <h1>Take ${environment} back</h1>
      <div id="versus" data-live data-diff="${hash}">${versus(view)}</div>
      <h2>What would change in ${environment}</h2>
      <div id="diff" data-live data-diff="${hash}">${previewBlock(preview)}</div>
      <h2>Commits that would not run here any more</h2>
      <div class="card">${lost(view)}</div>
      <h2>What the release has proved</h2>
      <div id="evidence" data-live>${evidenceTable(view.proof)}</div>
      ${decision(session, view)}`,
  });
};
