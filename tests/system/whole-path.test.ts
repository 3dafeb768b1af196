import { afterAll, beforeAll, describe } from "vitest";

import { environments } from "../../settings/environment.ts";
import { Clone } from "../support/clone.ts";
import { badCommitsEnd } from "./parts/bad-commits.ts";
import { badInput } from "./parts/bad-input.ts";
import { breakGlass } from "./parts/break-glass.ts";
import { byHand } from "./parts/by-hand.ts";
import { dashboard } from "./parts/dashboard.ts";
import { destroyed } from "./parts/destroyed.ts";
import { drift } from "./parts/drift.ts";
import { edge } from "./parts/edge.ts";
import { evidence } from "./parts/evidence.ts";
import { fromNothing } from "./parts/from-nothing.ts";
import { goingBack } from "./parts/going-back.ts";
import { history } from "./parts/history.ts";
import { interruptions } from "./parts/interruptions.ts";
import { lease } from "./parts/lease.ts";
import { noLoss } from "./parts/no-loss.ts";
import { pruned } from "./parts/pruned.ts";
import { secondCommit } from "./parts/second-commit.ts";
import { secrets } from "./parts/secrets.ts";
import { watch } from "./parts/watch.ts";

/** One story on real engines, in order: each part starts from what the one before left. */
describe("the whole path", () => {
  let clone: Clone;
  const it = () => clone;

  beforeAll(async () => {
    clone = await Clone.make("whole-path");
    // As many as find every loss; more would only make each of the promotions here take longer on a small machine.
    await clone.set("prodlike", "probe", 200);
    for (const environment of environments) await clone.set(environment, "monitor", 1);
    await clone.commit("Probe prodlike gently, and roll out quickly");
  });
  afterAll(() => clone?.remove());

  describe("bad input", () => badInput(it));
  describe("from nothing", () => fromNothing(it));
  describe("evidence", () => evidence(it));
  describe("the lease", () => lease(it));
  describe("the edge", () => edge(it));
  describe("secrets", () => secrets(it));
  describe("a second commit", () => secondCommit(it));
  describe("by hand", () => byHand(it));
  describe("drift", () => drift(it));
  describe("no loss", () => noLoss(it));
  describe("going back", () => goingBack(it));
  describe("the dashboard", () => dashboard(it));
  describe("the broken glass", () => breakGlass(it));
  describe("bad commits", () => badCommitsEnd(it));
  describe("history", () => history(it));
  describe("the watch", () => watch(it));
  describe("interruptions", () => interruptions(it));
  describe("pruned", () => pruned(it));
  describe("destroyed", () => destroyed(it));
});
