import { describe, expect, test } from "vitest";

import { EngineAddressError } from "../../../swarm/engine-address.ts";
import { troubleOf } from "../../../swarm/unreachable.ts";

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

describe("by ssh", () => {
  test.each([
    ["Host key verification failed.", /host key is not known/],
    [
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
      /another host key than the one that is known/,
    ],
    ["ann@host: Permission denied (publickey).", /refuses the login/],
    [
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      /may not use its engine/,
    ],
    ["bash: line 1: docker: command not found", /no docker command/],
    ["Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", /engine does not run/],
    ["ssh: Could not resolve hostname host: Name or service not known", /name is not known/],
    ["ssh: connect to host host port 22: Connection refused", /nothing listens/],
    ["ssh: connect to host host port 22: Connection timed out", /cannot be reached/],
  ])("%s", (said, why) => {
    expect(troubleOf("ssh://ann@host:2222", new Error(said)).why).toMatch(why);
  });

  test("what to type names the host and its port", () => {
    const { next } = troubleOf("ssh://ann@host:2222", new Error("Permission denied (publickey)."));
    expect(next).toBe("ssh -p 2222 ann@host docker version");
  });
});

describe("by TLS", () => {
  test.each([
    ["ECONNREFUSED", /nothing listens/],
    ["ENOTFOUND", /name is not known/],
    ["ETIMEDOUT", /cannot be reached/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /not of the CA/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /not of the CA/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /of another host/],
    ["CERT_HAS_EXPIRED", /has expired/],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", /refuses the client certificate/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", /does not speak TLS/],
  ])("%s", (code, why) => {
    expect(troubleOf("tcp://host:2376", coded(code)).why).toMatch(why);
  });
});

test.each([
  [coded("ENOENT"), /socket is not there/],
  [coded("EACCES"), /may not use its socket/],
  [new Error("(HTTP code 503) unavailable - rpc error: The swarm does not have a leader."), /no quorum/],
  [new Error("(HTTP code 403) forbidden - no"), /forbids/],
  [new EngineAddressError("/keys/ca.pem is not there"), /keys\/ca\.pem is not there/],
  [new Error("something new"), /something new/],
])("%s", (error, why) => {
  expect(troubleOf("unix:///run/docker.sock", error).why).toMatch(why);
});

test("a code is found in what an error was made of", () => {
  const error = new Error("fetch failed", { cause: coded("ECONNREFUSED") });
  expect(troubleOf("tcp://host:2376", error).why).toMatch(/nothing listens/);
});
