import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm } from "node:fs/promises";

import { generated } from "../../settings/project.ts";
import { canInstallPackages, installPackages } from "../apt.ts";
import { askEngine, engineAddress, textIn } from "../docker-api.ts";
import { SetupError } from "../errors.ts";
import { timed, waitFor } from "../progress.ts";
import type { Report } from "../report.ts";
import { run, tailOf, which } from "../run.ts";
import type { Change, Found, Need } from "./need.ts";

const startLimit = 60_000;
const byHand = "Install Docker Engine and start it: https://docs.docker.com/engine/install/";

/** A Docker Engine that answers, and the docker CLI. */
export const dockerEngine: Need = { name: "Docker Engine", find, missing, install, byHand };

async function find(): Promise<Found | undefined> {
  const [answer, cli] = await Promise.all([askEngine("/version"), which("docker")]);
  const version = textIn(answer, "Version");
  return version !== undefined && cli !== undefined ? { where: engineAddress(), version } : undefined;
}

async function missing(): Promise<readonly Change[]> {
  const [cli, daemon, answer] = await Promise.all([
    which("docker"),
    which("dockerd", daemonPath()),
    askEngine("/version"),
  ]);
  if (cli === undefined || (daemon === undefined && answer === undefined)) {
    if (!canInstallPackages()) throw notHere();
    return [{ what: "Debian's docker.io, its engine started", where: "the system" }];
  }
  if (process.getuid?.() !== 0 || daemon === undefined || !isDefaultAddress()) throw notAnswering();
  return [{ what: "Nothing but a start of the Docker Engine that is there", where: "the system" }];
}

async function install(report: Report): Promise<void> {
  if ((await which("docker")) === undefined || (await which("dockerd", daemonPath())) === undefined) {
    await installPackages(report, "docker.io", "iptables", "ca-certificates");
  }
  if (await waitFor(find, 1_000)) return;
  await timed(report, "Starting the Docker Engine", start);
}

async function start(): Promise<void> {
  if (existsSync("/run/systemd/system")) {
    await run("systemctl", ["start", "docker"], "journalctl --unit docker --lines 50");
    if (!(await waitFor(find, startLimit))) throw notAnswering();
    return;
  }
  await forgetKilledEngine();
  const log = generated("logs", "dockerd.log");
  const daemon = await startDaemon(log);
  const ended = new Promise<undefined>((resolve) => {
    for (const event of ["error", "exit"]) daemon.once(event, () => resolve(undefined));
  });
  const answers = await Promise.race([waitFor(find, startLimit), ended]);
  if (answers === undefined) {
    const said = tailOf(await readFile(log, "utf8").catch(() => ""));
    throw new SetupError(`The Docker Engine did not start:\n${said}`, `less ${log}`);
  }
}

/** Starts dockerd so that it outlives this process. */
async function startDaemon(log: string): Promise<ChildProcess> {
  await mkdir(generated("logs"), { recursive: true });
  const output = await open(log, "w");
  const daemon = spawn("dockerd", [], {
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
    env: { ...process.env, PATH: daemonPath() },
  });
  daemon.unref();
  await output.close();
  return daemon;
}

/** A killed engine leaves pid files, and when that pid looks taken, by whomever, its successor does not start. */
async function forgetKilledEngine(): Promise<void> {
  for (const file of ["/var/run/docker.pid", "/var/run/docker/containerd/containerd.pid"]) {
    const pid = (await readFile(file, "utf8").catch(() => "")).trim();
    if (pid !== "" && !isEngine(await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""))) {
      await rm(file, { force: true });
    }
  }
}

/** Whether a process's status is that of an engine that lives; in a container without init, dead ones stay as zombies. */
export const isEngine = (status: string): boolean =>
  /^Name:\s+(dockerd|containerd)$/m.test(status) && !/^State:\s+[ZX]/m.test(status);

const daemonPath = (): string => `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;

const isDefaultAddress = (): boolean => engineAddress() === "unix:///var/run/docker.sock";

function notHere(): SetupError {
  return new SetupError("There is no Docker Engine here, and without root it cannot be installed.", byHand);
}

function notAnswering(): SetupError {
  const next = isDefaultAddress()
    ? "Start it (systemctl start docker), or let this user use it (usermod -aG docker USER), then log in again."
    : `Check DOCKER_HOST and docker context: docker --debug version`;
  return new SetupError(`The Docker Engine at ${engineAddress()} does not answer.`, next);
}
