import { z } from "zod";

import { digestOf, placeOf, type Release } from "../settings/release.ts";
import { claims } from "./claims.ts";
import { EvidenceError } from "./errors.ts";

/** The payload of an envelope that holds a statement. */
export const statementType = "application/vnd.in-toto+json";

/** What every statement calls itself. */
export const statementVersion = "https://in-toto.io/Statement/v1";

/** The predicates in use: two of in-toto's and SLSA's own, and what those have no word for. docs/evidence.md describes ours. */
export const predicates = {
  testResult: "https://in-toto.io/attestation/test-result/v0.1",
  provenance: "https://slsa.dev/provenance/v1",
  deployment: "urn:slipway:deployment:v1",
  approval: "urn:slipway:approval:v1",
  override: "urn:slipway:override:v1",
  brokenGlass: "urn:slipway:break-glass:v1",
} as const;

/** The field that all of them carry beside their own. */
export const stepField = "urn:slipway:step:v1";

const line = z.string().max(500);
const time = z.iso.datetime().transform((text) => new Date(text));
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a predicate says of its step. */
export const stepSchema = z.object({
  claim: z.literal(claims),
  application: line,
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  /** Where the commit came from; absent where the repository has no remote. */
  repository: line.optional(),
  environment: line.optional(),
  startedOn: time,
  finishedOn: time,
  runBy: line,
  tools: z.record(z.string(), line),
  /** SHA-256 of what the step was done with beside the release: the suite, the settings. */
  inputs: sha256.optional(),
  /** SHA-256 of the whole log. */
  log: sha256.optional(),
});

/** What a step that passed says of itself, whatever it was. Times are ISO 8601 when written. */
export type StepClaim = z.output<typeof stepSchema>;

const subject = z.object({ name: line, digest: z.object({ sha256 }) });

const schema = z.object({
  _type: z.literal(statementVersion),
  subject: z.array(subject).min(1).max(100),
  predicateType: z.string().max(200),
  predicate: z.looseObject({ [stepField]: stepSchema }),
});

/** A statement about a release's images, as in-toto has it. */
export type Statement = z.output<typeof schema>;

/** Without the registry, which may move, and what was proved stays proved. */
const repositoryOf = (image: string): string => placeOf(image).repository;

const subjectsOf = ({ images }: Pick<Release, "images">): z.output<typeof subject>[] =>
  Object.values(images)
    .map((image) => ({ name: repositoryOf(image), digest: { sha256: digestOf(image).slice("sha256:".length) } }))
    .toSorted((one, other) => one.name.localeCompare(other.name));

/** Writes down what a step proved of a release. */
export function writeStatement(
  release: Pick<Release, "images">,
  step: StepClaim,
  { type, fields }: { type: string; fields: Record<string, unknown> },
): Buffer {
  const predicate = { ...fields, [stepField]: step };
  const all = { _type: statementVersion, subject: subjectsOf(release), predicateType: type, predicate };
  return Buffer.from(JSON.stringify(all));
}

/** @throws EvidenceError when it is no JSON */
export function jsonIn(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    throw new EvidenceError("its content is not JSON");
  }
}

/**
 * Reads what `writeStatement` wrote.
 * @throws EvidenceError when it is something else
 */
export function readStatement(payload: Buffer): Statement {
  const { data, error } = schema.safeParse(jsonIn(payload));
  if (data) return data;
  throw new EvidenceError(
    `it is no statement of a step: ${error.issues[0]?.path.join(".")}: ${error.issues[0]?.message}`,
  );
}

const key = ({ name, digest }: z.output<typeof subject>): string => `${name}@${digest.sha256}`;

/**
 * What is not as it would have to be for a statement to be about exactly this release, and about this commit and environment.
 * @returns the reasons; none when it fits
 */
export function misfits(
  statement: Statement,
  release: Pick<Release, "images" | "commit" | "application">,
  environment: string | undefined,
): string[] {
  const { [stepField]: step } = statement.predicate;
  const wanted = subjectsOf(release).map(key);
  const found = statement.subject.map(key).toSorted();
  return [
    ...(wanted.toSorted().join() === found.join() ? [] : ["it is about other images"]),
    ...(step.commit === release.commit ? [] : [`it is about the commit ${step.commit.slice(0, 12)}`]),
    ...(step.application === release.application ? [] : ["it is about another application"]),
    ...(step.environment === environment ? [] : [`it is about ${step.environment ?? "no environment"}`]),
  ];
}
