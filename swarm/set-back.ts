import type Docker from "dockerode";

import type { ApiService, ApiServiceSpec } from "./api-types.ts";
import { commitLabel, namespaceLabel } from "./services.ts";

const commitOf = (spec: ApiServiceSpec | undefined): string | undefined => spec?.Labels?.[commitLabel];

/** Whether a service leaves the commit at once when it is set to what Swarm remembers of before. */
const leadsTo = ({ Spec, PreviousSpec }: ApiService, commit: string): boolean =>
  commitOf(Spec) !== commit &&
  commitOf(PreviousSpec) === commit &&
  // What runs once would run again, and belongs before the others.
  PreviousSpec?.TaskTemplate?.RestartPolicy?.Condition === "any";

/**
 * Sets those services of a namespace that ran a commit until their last change back to exactly what they were then, which Swarm
 * remembers. An update like any other, not Swarm's own rollback: who waits for it need not tell the two apart.
 * @returns the names of the services that were set back
 * @throws what the engine answers when it refuses, as when a secret of before is gone
 */
export async function setBack(engine: Docker, namespace: string, commit: string): Promise<string[]> {
  const filters = { label: [`${namespaceLabel}=${namespace}`] };
  const services = ((await engine.listServices({ filters })) as ApiService[]).filter((one) => leadsTo(one, commit));
  await Promise.all(
    services.map(({ ID, Version, PreviousSpec }) => {
      const _query = { version: Version?.Index, registryAuthFrom: "previous-spec" };
      return engine.getService(ID).update({ _query, _body: PreviousSpec });
    }),
  );
  return services.map(({ Spec, ID }) => Spec?.Name ?? ID);
}
