import Docker from "dockerode";

/** An address that this version cannot connect to. */
export class EngineAddressError extends Error {
  override readonly name = "EngineAddressError";
}

/**
 * A client of the engine at `address`.
 * @param address `unix:///path/of/docker.sock`
 * @throws EngineAddressError when the address is of another kind
 */
export function connect(address: string): Docker {
  const scheme = "unix://";
  if (!address.startsWith(scheme)) {
    throw new EngineAddressError(`Cannot connect to an engine at "${address}": expected unix:///path/of/docker.sock`);
  }
  return new Docker({ socketPath: address.slice(scheme.length) });
}

/** Whether an engine answers at `address` within `milliseconds`. */
export async function answers(address: string, milliseconds = 1_000): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, milliseconds, false).unref());
  const ping = connect(address)
    .ping()
    .then(() => true)
    .catch(() => false);
  return Promise.race([ping, late]);
}
