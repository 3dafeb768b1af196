import type Docker from "dockerode";

/** What services refer to by its id. */
export type Kind = "network" | "config" | "secret";

interface Found {
  ID?: string;
  Id?: string;
  Name?: string;
  Spec?: { Name?: string };
  Scope?: string;
}

/** The list that an engine gives of each kind; a filter for names matches parts of them. */
const lists: Record<Kind, (engine: Docker, name: string) => Promise<Found[]>> = {
  network: (engine, name) => engine.listNetworks({ filters: { name: [name], scope: ["swarm"] } }) as Promise<Found[]>,
  config: (engine, name) => engine.listConfigs({ filters: { name: [name] } }) as Promise<Found[]>,
  secret: (engine, name) => engine.listSecrets({ filters: { name: [name] } }) as Promise<Found[]>,
};

/**
 * The id of a Swarm's network, config or secret.
 * @returns undefined when the Swarm has none of this name
 */
export async function idOf(engine: Docker, kind: Kind, name: string): Promise<string | undefined> {
  const found = await lists[kind](engine, name);
  const one = found.find((candidate) => (candidate.Spec?.Name ?? candidate.Name) === name);
  return one?.ID ?? one?.Id;
}
