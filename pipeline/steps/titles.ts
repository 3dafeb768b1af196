import type { Step } from "../step.ts";

/** What a step is called, where it does something, and what its evidence is of. */
export type Title = Pick<Step, "number" | "name" | "environment" | "claim">;

/** The nine steps, in order, without what they do: whoever only tells of them need not load all that. */
export const titles: readonly Title[] = [
  { number: 1, name: "check out the commit" },
  { number: 2, name: "unit tests", claim: "unit-tests" },
  { number: 3, name: "build the images", claim: "build" },
  { number: 4, name: "deploy to staging", environment: "staging", claim: "deploy/staging" },
  { number: 5, name: "functional tests", environment: "staging", claim: "functional/staging" },
  { number: 6, name: "deploy to prodlike", environment: "prodlike", claim: "deploy/prodlike" },
  { number: 7, name: "production readiness tests", environment: "prodlike", claim: "readiness/prodlike" },
  { number: 8, name: "deploy to production", environment: "production", claim: "deploy/production" },
  { number: 9, name: "production readiness tests", environment: "production", claim: "readiness/production" },
];

/** The one of a number. */
export function titleOf(number: number): Title {
  const title = titles[number - 1];
  if (title) return title;
  throw new Error(`There is no step ${number}`);
}
