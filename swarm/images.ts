import type Docker from "dockerode";

import { type ApiService, type ApiTask, endStates } from "./api-types.ts";

const imageOf = (spec: { ContainerSpec?: { Image?: string } } | undefined): string | undefined =>
  spec?.ContainerSpec?.Image;

const isOver = ({ Status, DesiredState }: ApiTask): boolean =>
  DesiredState !== "running" && endStates.includes(Status?.State ?? "");

/** The images that a Swarm has to be able to pull, as it names them. */
export interface ImagesNeeded {
  /** What its services are to run, and its tasks that have not ended do. */
  runs: string[];
  /** What `docker service rollback` would have its services run. */
  wouldGoBackTo: string[];
}

const present = (images: (string | undefined)[]): string[] => [
  ...new Set(images.filter((image) => image !== undefined)),
];

/** Reads what images a Swarm needs. */
export async function imagesNeeded(engine: Docker): Promise<ImagesNeeded> {
  const [services, tasks] = await Promise.all([
    engine.listServices() as Promise<ApiService[]>,
    engine.listTasks() as Promise<unknown[]> as Promise<ApiTask[]>,
  ]);
  const active = tasks.filter((task) => !isOver(task));
  return {
    runs: present([
      ...services.map(({ Spec }) => imageOf(Spec?.TaskTemplate)),
      ...active.map(({ Spec }) => imageOf(Spec)),
    ]),
    wouldGoBackTo: present(services.map(({ PreviousSpec }) => imageOf(PreviousSpec?.TaskTemplate))),
  };
}
