import type { CommitFacts } from "../../pipeline/commits.ts";
import type { HistoryEntry } from "../../pipeline/history.ts";
import { ending } from "../../pipeline/history-words.ts";
import type { FollowedRun } from "../../pipeline/progress-file.ts";
import type { EnvironmentStatus } from "../../pipeline/status.ts";
import { releaseName } from "../../settings/release-name.ts";
import { endStates } from "../../swarm/api-types.ts";
import type { ServiceState, TaskState } from "../../swarm/services.ts";
import type { Session } from "../access/sessions.ts";
import { may } from "../access/users.ts";
import { type Html, html, nothing } from "../html.ts";
import { historyTable } from "./history-rows.ts";
import { layout } from "./layout.ts";
import { environmentTones } from "./now.ts";
import { badge, commitLink, moment, type Tone } from "./parts.ts";

/** All that is shown of an environment. */
export interface EnvironmentView {
  status: EnvironmentStatus;
  commit?: CommitFacts;
  services: readonly ServiceState[];
  /** What was changed by hand, in words. */
  drift?: readonly string[];
  /** What ran here, newest first. */
  history: readonly HistoryEntry[];
  /** How it is taken back from here, or was last. */
  rollback?: FollowedRun;
}

/** Of those that ended, only the latest say something of now. */
const lastEnded = 3;

const newest = (one: TaskState, other: TaskState): number => other.since.getTime() - one.since.getTime();

/** Those that run or are to run, by node, and the last ones that failed. */
function shownTasks({ tasks }: ServiceState): TaskState[] {
  const now = tasks.filter(({ state }) => !endStates.includes(state));
  const failed = tasks.filter(({ state }) => state === "failed" || state === "rejected").toSorted(newest);
  const byNode = now.toSorted((one, other) => one.node.localeCompare(other.node) || newest(one, other));
  return [...byNode, ...failed.slice(0, lastEnded)];
}

function toneOf({ state, desired }: TaskState): Tone {
  if (state === "failed" || state === "rejected") return "bad";
  if (desired !== "running") return "";
  return state === "running" ? "good" : "busy";
}

const taskRow = (task: TaskState): Html => html`<tr>
    <th scope="row">${task.node || "no node yet"}</th>
    <td>${badge(toneOf(task), task.desired === "running" || endStates.includes(task.state) ? task.state : "stopping")}${task.current ? nothing : html` <span class="faint">earlier version</span>`}</td>
    <td>${moment(task.since)}</td>
    <td>${task.error ? html`<span class="bad">${task.error}${task.exitCode ? ` (exit code ${task.exitCode})` : ""}</span>` : nothing}</td>
  </tr>`;

const scale = ({ scale, replicas: { running, desired } }: ServiceState): string =>
  scale === "once" ? "runs once" : `${running}/${desired} tasks`;

const taskTable = (tasks: readonly TaskState[]): Html =>
  tasks.length === 0
    ? nothing
    : html`<div class="rows"><table>
      <thead><tr><th scope="col">Node</th><th scope="col">Task</th><th scope="col">Since</th><th scope="col">Why</th></tr></thead>
      <tbody>${tasks.map(taskRow)}</tbody>
    </table></div>`;

const service = (one: ServiceState): Html => html`<section class="service" aria-labelledby="service-${one.name}">
    <h3 id="service-${one.name}">${one.name} <span class="faint">${scale(one)}</span>${one.update ? html` ${badge(one.update === "updating" ? "busy" : "", one.update)}` : nothing}</h3>
    <p class="mono faint">${one.image}</p>
    ${one.updateMessage && one.update !== "completed" ? html`<p class="faint">${one.updateMessage}</p>` : nothing}
    ${taskTable(shownTasks(one))}
  </section>`;

const byHand = ({ drift = [] }: EnvironmentView): Html =>
  drift.length === 0
    ? nothing
    : html`<div class="notice"><strong>Changed by hand:</strong><ul>${drift.map((one) => html`<li>${one}</li>`)}</ul></div>`;

const head = ({
  status,
  commit,
}: EnvironmentView): Html => html`<h1>${status.environment} ${badge(environmentTones[status.state], status.state)}</h1>
  <p>${status.release ? html`<a href="/releases/${status.release.commit}">${commit?.subject ?? releaseName(status.release)}</a> <span class="faint">${releaseName(status.release)}</span>` : html`<span class="faint">No release runs here.</span>`}</p>
  ${status.lease ? html`<p class="careful">Held by ${status.lease.purpose}, ${status.lease.owner}, ${moment(status.lease.since)}</p>` : nothing}
  ${status.reasons.length > 0 ? html`<ul class="bad">${status.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>` : nothing}`;

/** How it is taken back just now, and why the last time did not work. */
function rollbackNote({ rollback }: EnvironmentView): Html {
  if (!rollback) return nothing;
  const { commit, outcome, startedOn, endedOn, reason, doing } = rollback;
  if (!outcome) {
    return html`<p class="notice" role="status">It is being taken back to ${commitLink(commit)}, ${moment(startedOn)}${doing ? html`: ${doing}` : nothing}</p>`;
  }
  if (outcome === "restored") return nothing;
  return html`<p class="notice bad">It was not taken back to ${commitLink(commit)}${endedOn ? html`, ${moment(endedOn)}` : nothing}${reason ? html`: ${reason}` : nothing}</p>`;
}

/** The releases that held here and do not run here now, each by the last entry that tells of it. */
function goals({ history, status }: EnvironmentView): Map<HistoryEntry, string> {
  const found = new Map<HistoryEntry, string>();
  const told = new Set([status.release?.commit]);
  for (const entry of history) {
    const commit = entry.run?.commit;
    const own = entry.kind === "promotion" || entry.run?.kind === "rollback";
    if (!commit || !own || told.has(commit) || ending(entry, status.environment).mark !== "✓") continue;
    told.add(commit);
    found.set(entry, commit);
  }
  return found;
}

function history({ user }: Session, view: EnvironmentView): Html {
  const { environment } = view.status;
  const back = may(user, "operate") && view.status.release ? goals(view) : new Map<HistoryEntry, string>();
  const cell = (entry: HistoryEntry): Html => {
    const commit = back.get(entry);
    return html`<td>${commit ? html`<a class="button" href="/environments/${environment}/rollback/${commit}">Go back to this</a>` : nothing}</td>`;
  };
  return historyTable(view.history, { environment, ...(back.size > 0 ? { last: { title: "Go back", cell } } : {}) });
}

/** What an environment runs, task by task, as its Swarm tells it now. */
export const environmentPage = (session: Session, view: EnvironmentView): Html =>
  layout({
    title: view.status.environment,
    session,
    events: "/events?of=environments,history,runs",
    body: html`<p class="crumbs"><a href="/">Now</a></p>
      <div id="head" data-live>${head(view)}${rollbackNote(view)}${byHand(view)}</div>
      <h2>Services</h2>
      <div id="services" data-live>${view.services.map(service)}${view.services.length === 0 ? html`<p class="faint">None.</p>` : nothing}</div>
      <h2>History</h2>
      <div id="history" data-live>${history(session, view)}</div>`,
  });
