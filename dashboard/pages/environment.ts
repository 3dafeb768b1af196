import type { CommitFacts } from "../../pipeline/commits.ts";
import { releaseName } from "../../pipeline/release-name.ts";
import type { EnvironmentStatus } from "../../pipeline/status.ts";
import type { ServiceState, TaskState } from "../../swarm/services.ts";
import type { Session } from "../access/sessions.ts";
import { type Html, html, nothing } from "../html.ts";
import { layout } from "./layout.ts";
import { environmentTones } from "./now.ts";
import { badge, moment, type Tone } from "./parts.ts";

/** All that is shown of an environment. */
export interface EnvironmentView {
  status: EnvironmentStatus;
  commit?: CommitFacts;
  services: readonly ServiceState[];
}

const over = ["complete", "shutdown", "failed", "rejected", "remove", "orphaned"];

/** Of those that ended, only the latest say something of now. */
const lastEnded = 3;

const newest = (one: TaskState, other: TaskState): number => other.since.getTime() - one.since.getTime();

/** Those that run or are to run, by node, and the last ones that failed. */
function shownTasks({ tasks }: ServiceState): TaskState[] {
  const now = tasks.filter(({ state }) => !over.includes(state));
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
    <td>${badge(toneOf(task), task.desired === "running" || over.includes(task.state) ? task.state : "stopping")}${task.current ? nothing : html` <span class="faint">earlier version</span>`}</td>
    <td>${moment(task.since)}</td>
    <td>${task.error ? html`<span class="bad">${task.error}${task.exitCode ? ` (exit code ${task.exitCode})` : ""}</span>` : nothing}</td>
  </tr>`;

const scale = ({ scale, replicas: { running, desired } }: ServiceState): string =>
  scale === "once" ? "runs once" : `${running}/${desired} tasks`;

const service = (one: ServiceState): Html => html`<section class="service" aria-labelledby="service-${one.name}">
    <h3 id="service-${one.name}">${one.name} <span class="faint">${scale(one)}</span>${one.update ? html` ${badge(one.update === "updating" ? "busy" : "", one.update)}` : nothing}</h3>
    <p class="mono faint">${one.image}</p>
    ${one.updateMessage && one.update !== "completed" ? html`<p class="faint">${one.updateMessage}</p>` : nothing}
    <div class="rows"><table>
      <thead><tr><th scope="col">Node</th><th scope="col">Task</th><th scope="col">Since</th><th scope="col">Why</th></tr></thead>
      <tbody>${shownTasks(one).map(taskRow)}</tbody>
    </table></div>
  </section>`;

const head = ({
  status,
  commit,
}: EnvironmentView): Html => html`<h1>${status.environment} ${badge(environmentTones[status.state], status.state)}</h1>
  <p>${status.release ? html`<a href="/releases/${status.release.commit}">${commit?.subject ?? releaseName(status.release)}</a> <span class="faint">${releaseName(status.release)}</span>` : html`<span class="faint">No release runs here.</span>`}</p>
  ${status.lease ? html`<p class="careful">Held by ${status.lease.purpose}, ${status.lease.owner}, ${moment(status.lease.since)}</p>` : nothing}
  ${status.reasons.length > 0 ? html`<ul class="bad">${status.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>` : nothing}`;

/** What an environment runs, task by task, as its Swarm tells it now. */
export const environmentPage = (session: Session, view: EnvironmentView): Html =>
  layout({
    title: view.status.environment,
    session,
    events: "/events?of=environments",
    body: html`<p class="crumbs"><a href="/">Now</a></p>
      <div id="head" data-live>${head(view)}</div>
      <h2>Services</h2>
      <div id="services" data-live>${view.services.map(service)}${view.services.length === 0 ? html`<p class="faint">None.</p>` : nothing}</div>`,
  });
