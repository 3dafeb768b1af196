import type Docker from "dockerode";

import { namespaceLabel } from "./services.ts";

/** The fields read here of `GET /services`. */
interface Listed {
  Spec?: {
    Name?: string;
    Labels?: Record<string, string>;
    TaskTemplate?: { ContainerSpec?: { Env?: string[] } };
    EndpointSpec?: { Ports?: { PublishedPort?: number }[] };
  };
}

/** What a door opens, it is told by this variable. */
const opened = ({ Name = "", TaskTemplate }: NonNullable<Listed["Spec"]>): number[] =>
  Name.endsWith("_door")
    ? (TaskTemplate?.ContainerSpec?.Env ?? [])
        .filter((one) => one.startsWith("PORTS="))
        .flatMap((one) => one.slice("PORTS=".length).split(" ").map(Number))
    : [];

/** The ports of every node that services of other namespaces take, each with the service's name. */
export async function portsOfOthers(engine: Docker, namespace: string): Promise<Map<number, string>> {
  const services = (await engine.listServices()) as unknown as Listed[];
  const others = services.flatMap(({ Spec }) => (Spec && Spec.Labels?.[namespaceLabel] !== namespace ? [Spec] : []));
  return new Map(
    others.flatMap((spec) => {
      const published = (spec.EndpointSpec?.Ports ?? []).flatMap(({ PublishedPort }) => PublishedPort ?? []);
      return [...published, ...opened(spec)].map((port) => [port, spec.Name ?? ""] as const);
    }),
  );
}
