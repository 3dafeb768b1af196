import { EngineAddressError, reachOf } from "./engine-address.ts";

/** Why an engine cannot be used, in words, and what to do about it. */
export interface Trouble {
  why: string;
  next: string;
}

type Telling = [pattern: RegExp, why: string, next: (host: string) => string];

/** How a person tries the same: their terminal is asked what nobody can be asked here. */
const tryIt = (host: string): string => `ssh ${host} docker version`;

/** What ssh, and docker at the other end, say. */
const bySsh: Telling[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i,
    "it shows another host key than the one that is known",
    (host) => `Find out why. If it is a new machine: ssh-keygen -R ${host}, then ssh-keyscan and compare`,
  ],
  [/Host key verification failed/i, "its host key is not known", (host) => `Compare its key, once: ssh ${host}`],
  [/Permission denied \(|Too many authentication failures/i, "it refuses the login", tryIt],
  [/permission denied.*docker|docker.*permission denied/is, "this user may not use its engine", tryIt],
  [/docker: (?:command )?not found|docker: No such file/i, "there is no docker command on it", tryIt],
  [/Cannot connect to the Docker daemon/i, "its engine does not run", tryIt],
  [/Could not resolve hostname|Name or service not known/i, "its name is not known", tryIt],
  [/Connection refused/i, "nothing listens on its SSH port", tryIt],
  [/timed out|No route to host|Network is unreachable/i, "it cannot be reached", tryIt],
];

const reachIt = (host: string): string => `Start it, or open the way to it: curl -v https://${host}/_ping`;
const renew = (): string => "Put the right ca.pem, cert.pem and key.pem into the folder of its certificates.";

/** What Node says, by its codes. */
const byCode: Telling[] = [
  [/^ENOENT$/, "its socket is not there", () => "Start it, or name another socket."],
  [/^EACCES$/, "this user may not use its socket", () => "usermod -aG docker USER, then log in again"],
  [/^ECONNREFUSED$/, "nothing listens there", reachIt],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, "its name is not known", reachIt],
  [/^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, "it cannot be reached", reachIt],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "its certificate is of another host", renew],
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired, or this machine's clock is wrong", renew],
  [
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|CERT_.*)$/,
    "its certificate is not of the CA in ca.pem",
    renew,
  ],
  [/^(?:ERR_SSL_.*ALERT.*|ECONNRESET)$/, "it refuses the client certificate", renew],
  [/^(?:ERR_SSL_.*|EPROTO|ERR_OSSL_.*)$/, "it does not speak TLS there, or a certificate is not usable", renew],
];

/** What an engine answers that is reached and cannot serve. */
const byAnswer: Telling[] = [
  [
    /does not have a leader|no elected primary|lost.*quorum|context deadline exceeded/i,
    "its Swarm has no quorum: more than half of the managers have to be up",
    () => "Start the managers that are down, or on this one: docker swarm init --force-new-cluster",
  ],
  [/HTTP code 403/i, "it forbids this user to ask", () => "Let the user use the engine's API."],
];

const first = (telling: Telling[], text: string, host: string): Trouble | undefined => {
  const found = telling.find(([pattern]) => pattern.test(text));
  return found && { why: found[1], next: found[2](host) };
};

/** The code of an error, or of what it was made of. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const own = (error as NodeJS.ErrnoException).code;
  return own ?? codeOf(error.cause);
}

const hostOf = (address: string): string => {
  const reach = reachOf(address);
  if (reach.by === "unix") return reach.socket;
  if (reach.by === "tls") return `${reach.host}:${reach.port}`;
  return `${reach.port ? `-p ${reach.port} ` : ""}${reach.user ? `${reach.user}@` : ""}${reach.host}`;
};

/** What became of asking the engine at `address`, in words. What others said is told as it came where it is not known. */
export function troubleOf(address: string, error: unknown): Trouble {
  if (error instanceof EngineAddressError) return { why: error.message, next: "Correct slipway:cluster." };
  const said = error instanceof Error ? error.message : String(error);
  const host = hostOf(address);
  const known =
    (reachOf(address).by === "ssh" ? first(bySsh, said, host) : undefined) ??
    first(byAnswer, said, host) ??
    first(byCode, codeOf(error), host);
  return known ?? { why: said, next: `docker -H ${address} version` };
}
