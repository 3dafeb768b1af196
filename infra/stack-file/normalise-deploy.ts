import { bytes, cpus, dictionary, duration, given } from "./forms.ts";
import type { Deploy, Pace } from "./model.ts";
import type { RawService } from "./schema.ts";

type RawDeploy = NonNullable<RawService["deploy"]>;

const paceOf = (raw: RawDeploy["update_config"]): Pace | undefined =>
  raw && given<Pace>({ ...raw, delay: duration(raw.delay), monitor: duration(raw.monitor) });

function resourcesOf(raw: RawDeploy["resources"]): Deploy["resources"] {
  if (!raw) return undefined;
  const { limits, reservations } = raw;
  const generic = reservations?.generic_resources?.map(({ discrete_resource_spec: spec }) => ({
    kind: spec?.kind ?? "",
    value: spec?.value ?? 0,
  }));
  return given<NonNullable<Deploy["resources"]>>({
    limits: limits && given({ cpus: cpus(limits.cpus), memory: bytes(limits.memory), pids: limits.pids }),
    reservations:
      reservations &&
      given({ cpus: cpus(reservations.cpus), memory: bytes(reservations.memory), generic_resources: generic }),
  });
}

/** Brings a service's `deploy` into one form. */
export function deployOf(raw: RawDeploy): Deploy {
  const { restart_policy: restart, placement } = raw;
  return given<Deploy>({
    mode: raw.mode,
    endpoint_mode: raw.endpoint_mode?.toLowerCase(),
    replicas: raw.replicas,
    labels: dictionary(raw.labels),
    update_config: paceOf(raw.update_config),
    rollback_config: paceOf(raw.rollback_config),
    resources: resourcesOf(raw.resources),
    restart_policy: restart && given({ ...restart, delay: duration(restart.delay), window: duration(restart.window) }),
    placement:
      placement && given({ ...placement, preferences: placement.preferences?.map(({ spread }) => spread ?? "") }),
  });
}
