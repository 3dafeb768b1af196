import type Docker from "dockerode";

import type { ServiceState } from "../../swarm/services.ts";
import { containersOf } from "./application.ts";

/** How much of its memory limit one task uses. */
export interface MemoryUse {
  task: string;
  container: string;
  share: number;
}

async function shareOf(container: Docker.Container): Promise<number> {
  const { memory_stats: memory } = await container.stats({ stream: false, "one-shot": true });
  // The API gives none of one that does not run.
  if (!memory.stats)
    throw new Error(`A task ended while its memory was measured (container ${container.id.slice(0, 12)})`);
  // What the kernel would give back at once is no use of the application; its name depends on the cgroup version.
  const { total_inactive_file: v1, inactive_file: v2 } = memory.stats;
  return (memory.usage - (v1 || v2)) / memory.limit;
}

/** What every task of these services uses, those of one service side by side. */
export async function memoryOf(services: ServiceState[]): Promise<MemoryUse[]> {
  const all = services.map(async (service) => {
    const containers = await containersOf(service);
    return Promise.all(
      containers.map(async (container) => ({
        task: `a task of ${service.name}`,
        container: container.id,
        share: await shareOf(container),
      })),
    );
  });
  return (await Promise.all(all)).flat();
}
