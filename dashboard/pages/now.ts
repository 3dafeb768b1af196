import type { EnvironmentState, EnvironmentStatus } from "../../pipeline/status.ts";
import { releaseName } from "../../settings/release-name.ts";
import type { Holder } from "../../swarm/lease-records.ts";
import type { Session } from "../access/sessions.ts";
import { may } from "../access/users.ts";
import { type Html, html, nothing } from "../html.ts";
import type { Attention, Lane, Overview, Row } from "../overview.ts";
import { layout } from "./layout.ts";
import { badge, commitLink, moment, standingBadge, stepBar, type Tone } from "./parts.ts";

/** How good each state of an environment is. */
export const environmentTones: Record<EnvironmentState, Tone> = {
  healthy: "good",
  degraded: "bad",
  unreachable: "bad",
  "nothing deployed": "careful",
  "not created": "",
};

const attentionLine = ({ kind, what, why, since, href, act }: Attention): Html => html`<li class="${kind}">
    <span class="what">${href && !act ? html`<a href="${href}">${what}</a>` : what}${why ? html`<span class="why">${why}</span>` : nothing}</span>
    ${since ? html`<span class="faint">${moment(since)}</span>` : nothing}
    ${href && act ? html`<a class="button primary" href="${href}">${act}</a>` : nothing}
  </li>`;

const unreadLine = (why: string): Html =>
  html`<li class="bad"><span class="what">Not all could be read<span class="why">${why}</span></span></li>`;

function attention({ attention: all, unread }: Overview): Html {
  if (all.length + unread.length === 0) return html`<p class="notice good">Nothing needs attention.</p>`;
  return html`<ul class="attention">${unread.map(unreadLine)}${all.map(attentionLine)}</ul>`;
}

const lasting = ({ services }: EnvironmentStatus) => services.filter(({ scale }) => scale !== "once");

function tasks(status: EnvironmentStatus): Html {
  const all = lasting(status);
  const sum = (of: "running" | "desired"): number => all.reduce((total, one) => total + one[of], 0);
  const [running, desired] = [sum("running"), sum("desired")];
  const changing = all.filter(({ update }) => update === "updating").map(({ name }) => name);
  return html`<span class="${running < desired ? "bad" : ""}">${running}/${desired}</span>${changing.length > 0 ? html` <span class="faint">${changing.join(", ")} updating</span>` : nothing}`;
}

const holder = ({ purpose, owner, since }: Holder): Html => html`${purpose}, ${owner}, ${moment(since)}`;

const fact = (term: string, text: Html | string): Html => html`<dt>${term}</dt><dd>${text}</dd>`;

const runs = ({ commit, status: { release } }: Lane): Html => {
  if (!release) return html`<p class="faint">No release runs here.</p>`;
  return html`<a class="subject" href="/releases/${release.commit}">${commit?.subject ?? releaseName(release)}</a>`;
};

const facts = ({ status, commit, drift }: Lane): Html => html`<dl class="facts">
    ${status.release ? fact("release", html`${releaseName({ ...status.release, commit: "" }).replace("()", "")} ${commitLink(status.release.commit)}`) : nothing}
    ${commit ? fact("author", commit.author) : nothing}
    ${status.since ? fact("running", html`since ${moment(status.since)}`) : nothing}
    ${status.services.length > 0 ? fact("tasks", tasks(status)) : nothing}
    ${status.lease ? fact("held by", html`<span class="careful">${holder(status.lease)}</span>`) : nothing}
    ${(status.waiting ?? []).map((one) => fact("waiting", holder(one)))}
    ${drift && drift.length > 0 ? fact("by hand", html`<span class="careful">${drift.length} difference${drift.length === 1 ? "" : "s"} from what Pulumi says</span>`) : nothing}
    ${status.addresses[0] ? fact("address", html`<a href="${status.addresses[0]}" rel="noreferrer">${status.addresses[0]}</a>`) : nothing}
  </dl>`;

const lane = (
  one: Lane,
): Html => html`<section class="card lane ${environmentTones[one.status.state]}" aria-labelledby="lane-${one.status.environment}">
    <header><h3 id="lane-${one.status.environment}"><a href="/environments/${one.status.environment}">${one.status.environment}</a></h3>${badge(environmentTones[one.status.state], one.status.state)}</header>
    ${runs(one)}
    ${facts(one)}
    ${one.status.reasons.length > 0 ? html`<ul class="bad">${one.status.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>` : nothing}
  </section>`;

const doing = ({ run, standing }: Row): Html => {
  const step = run?.steps.find(({ outcome }) => outcome === "running");
  if (standing !== "running") return nothing;
  return html`<div class="faint">${step ? html`${step.number}/9 ${step.name}` : "preparing"}${run?.doing ? html`: ${run.doing}` : nothing}</div>`;
};

const row = (one: Row): Html => html`<tr>
    <th scope="row"><a class="subject" href="/releases/${one.commit.commit}">${one.commit.subject}</a><div class="faint"><span class="mono">${one.commit.commit.slice(0, 12)}</span> ${one.commit.author}, ${moment(one.commit.on)}</div></th>
    <td>${stepBar(one.cells)}${doing(one)}</td>
    <td>${standingBadge(one.standing)}${one.reason ? html`<div class="faint">${one.reason}</div>` : nothing}</td>
    <td>${one.runsIn.map((environment) => html`${badge("", environment)} `)}</td>
  </tr>`;

const grid = (rows: readonly Row[]): Html => html`<div class="rows"><table>
    <thead><tr><th scope="col">Commit</th><th scope="col">Steps</th><th scope="col">State</th><th scope="col">Runs in</th></tr></thead>
    <tbody>${rows.map(row)}</tbody>
  </table></div>`;

const deliverForm = ({ token, user }: Session, [head]: readonly Row[]): Html => {
  if (!head || !may(user, "operate") || head.standing !== "not delivered") return nothing;
  return html`<form method="post" action="/releases/${head.commit.commit}/deliver"><input type="hidden" name="token" value="${token}" /><button type="submit">Deliver “${head.commit.subject}”</button></form>`;
};

/** What runs where, what needs somebody, and how far each release came. */
export const nowPage = (session: Session, overview: Overview): Html =>
  layout({
    title: "Now",
    session,
    here: "/",
    events: "/events?of=environments,releases,runs",
    body: html`<h1 class="hidden-label">What runs now</h1>
      <h2>Needs attention</h2>
      <div id="attention" data-live>${attention(overview)}</div>
      <h2>Environments</h2>
      <div id="lanes" class="lanes" data-live>${overview.lanes.map(lane)}</div>
      <h2>Releases</h2>
      <div id="releases" data-live>${grid(overview.rows)}${deliverForm(session, overview.rows)}</div>
      <p class="legend">Steps: 1 check out, 2 unit tests, 3 build the images, 4 and 5 staging, 6 and 7 prodlike, 8 and 9 production.</p>`,
  });
