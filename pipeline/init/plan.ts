import { type ComposeService, isByDigest, itself, type Seen } from "./look.ts";

/** A service that is reached from outside. */
export interface PlannedRoute {
  service: string;
  port: number;
  /** The path that answers 200 while a task wants requests. */
  health: string;
}

/** What a person decided, where the repository does not say it. */
export interface Choices {
  name: string;
  unitTests: { prepare?: string[]; run: string[] };
  route: PlannedRoute;
  /** The port of every node on which it is to be reached. */
  port: number;
}

/** An image to build, and what the stack file calls it. */
export interface PlannedImage {
  context: string;
  dockerfile: string;
  image: string;
}

/** Everything that is to be written. */
export interface DeliveryPlan extends Choices {
  stackFile: string[];
  images: Record<string, PlannedImage>;
  /** Services that are built and have no name for their image, which `docker stack deploy` demands. */
  unnamed: Record<string, string>;
  /** Whether there is a Compose file already. */
  hasStackFile: boolean;
  /** What the person should know of their files. */
  notes: string[];
}

/** What gives services' images their names, beside a Compose file that does not. */
export const namesFile = "compose.delivery.yaml";

const isBuilt = (
  service: ComposeService,
): service is ComposeService & { build: NonNullable<ComposeService["build"]> } => service.build !== undefined;

/** The service that is reached from outside, as far as the file tells: the first that is, or may be, built and listens somewhere. */
export function routed({ services, dockerfile }: Seen): { service: string; port?: number } | undefined {
  const built = services.filter((service) => (dockerfile ? !isByDigest(service) : isBuilt(service)));
  const found = built.find(({ port }) => port !== undefined) ?? (built.length === 1 ? built[0] : undefined);
  return found && { service: found.name, ...(found.port === undefined ? {} : { port: found.port }) };
}

/** The services with what they are built from: the Dockerfile of a Compose file that says nothing of it makes the image that users reach. */
function withBuilds({ services, dockerfile }: Seen, { route }: Choices): ComposeService[] {
  const image = services.find(({ name }) => name === route.service)?.image;
  const isMade = (one: ComposeService): boolean =>
    one.name === route.service || (image !== undefined && one.image === image);
  return services.map((one) => (dockerfile && isMade(one) ? { ...one, build: itself } : one));
}

function notesOf(services: readonly ComposeService[]): string[] {
  const foreign = services.filter((service) => !isBuilt(service) && !isByDigest(service));
  return foreign.map(({ name, image }) =>
    image === undefined
      ? `The service ${name} has neither an image nor a build`
      : `The image of ${name} is to be named by digest, ${image}@sha256:…: docker buildx imagetools inspect ${image}`,
  );
}

/** What is to be written for a repository, by what it has and what a person decided. */
export function planOf(seen: Seen, choices: Choices): DeliveryPlan {
  const images: Record<string, PlannedImage> = {};
  const unnamed: Record<string, string> = {};
  const services = withBuilds(seen, choices);
  for (const { name, build, image } of services.filter(isBuilt)) {
    const called = image ?? `${choices.name}/${name}`;
    if (image === undefined && seen.stackFile !== undefined) unnamed[name] = called;
    if (!Object.values(images).some((one) => one.image === called)) images[name] = { ...build, image: called };
  }
  const hasStackFile = seen.stackFile !== undefined;
  const files = [seen.stackFile ?? "compose.yaml", ...(Object.keys(unnamed).length > 0 ? [namesFile] : [])];
  return { ...choices, stackFile: files, images, unnamed, hasStackFile, notes: notesOf(services) };
}
