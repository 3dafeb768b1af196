import { spawn } from "node:child_process";

import { reachOf } from "./engine-address.ts";
import { SshError, sshArguments } from "./ssh-connection.ts";

/**
 * Runs a shell script on a host, as it stands: nothing of what people write is put into it.
 * @param at `ssh://user@host`
 * @returns what it printed
 * @throws SshError with what ssh or the script said
 */
export function runScript(at: string, script: string): Promise<string> {
  const reach = reachOf(at);
  if (reach.by !== "ssh") throw new SshError(`${at} is no address of a host`);
  return new Promise((resolve, reject) => {
    const child = spawn("ssh", sshArguments(reach, ["sh", "-s"]), { stdio: "pipe" });
    let printed = "";
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    });
    child.on("error", (cause) => reject(new SshError(`ssh cannot be started: ${cause.message}`)));
    child.on("close", (code) => {
      if (code === 0) resolve(printed);
      else reject(new SshError(said.trim() || `a script on ${at} ended with ${code}`));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(script);
  });
}

/** Prints the version of a host's engine; nothing where none answers. */
export const tellEngine = "docker version --format '{{.Server.Version}}' 2>/dev/null || true\n";

const asRoot = 'as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }';

/** For how long a host's package sources may be asked, and for how long they may send a package, in seconds. */
const patience = 600;

/**
 * A shell function that gives apt-get no more than so long. What it may be stopped in is asking and fetching alone; dpkg, which must not be
 * stopped, finds what it unpacks fetched.
 */
const fetching = (limit: number): string => `apt() { as_root env DEBIAN_FRONTEND=noninteractive "$@" --quiet --quiet; }
fetch() {
  apt timeout ${limit} apt-get -o Acquire::Retries=3 "$@" >/dev/null && return
  [ $? != 124 ] || echo "its package sources did not answer within ${limit} s: apt-get $1 was stopped" >&2
  exit 1
}
`;

/** Starts an engine that is installed and does not run, with systemd or without. */
const start =
  "if [ -d /run/systemd/system ]; then as_root systemctl enable --now docker; else as_root service docker start; fi";

/** Waits until the engine answers; it may take a moment. */
const awaited =
  "for second in $(seq 60); do as_root docker version >/dev/null 2>&1 && exit 0; sleep 1; done; as_root docker version";

/**
 * A script that has a host run a Docker Engine, Debian's or Ubuntu's own where there is none.
 * @param limit for how long its package sources are waited for, in seconds
 */
export const installEngine = (limit = patience): string => `set -eu
${asRoot}
${fetching(limit)}
exec 1>&2
if ! command -v dockerd >/dev/null 2>&1 && ! [ -x /usr/sbin/dockerd ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "there is no Docker Engine on it, and no apt-get that could install one" >&2
    exit 1
  fi
  fetch update
  fetch install --yes --download-only docker.io
  apt apt-get install --yes docker.io >/dev/null
  [ "$(id -u)" = 0 ] || as_root usermod --append --groups docker "$(id -un)"
fi
as_root docker version >/dev/null 2>&1 || ${start}
${awaited}
`;

/**
 * A script that has the package that a host's engine is of upgraded to what its package sources offer, and the engine run again.
 * @param limit for how long its package sources are waited for, in seconds
 */
export const upgradeEngine = (limit = patience): string => `set -eu
${asRoot}
${fetching(limit)}
exec 1>&2
package=$(dpkg-query --search "$(command -v dockerd || echo /usr/sbin/dockerd)" | head -n 1 | cut -d : -f 1)
fetch update
fetch install --yes --only-upgrade --download-only "$package"
apt apt-get install --yes --only-upgrade "$package" >/dev/null
if ! [ -d /run/systemd/system ]; then as_root service docker restart; fi
${awaited}
`;
