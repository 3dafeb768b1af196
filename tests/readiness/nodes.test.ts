import { describe, expect, test, vi } from "vitest";

import { connect } from "../../swarm/engine.ts";
import { counts } from "../../swarm/services.ts";
import { facts } from "../support/facts.ts";
import { applications, manager } from "./application.ts";
import { drilledAlready, drilledNode, noteDrilled } from "./drilled.ts";
import { fullStrength, gone, regained, wholeAgain } from "./strength.ts";
import { underLoad } from "./under-load.ts";

const victim = drilledNode;
const ofOthers = facts.addresses.length === facts.nodes.length ? facts.addresses.slice(0, -1) : facts.addresses;
const others = { perSecond: 100, addresses: ofOthers };

type Availability = "active" | "drain";

async function nodeIn(): Promise<{ id: string; state: string }> {
  const found = (await manager.listNodes()).find(({ Description }) => Description?.Hostname === victim?.name);
  return { id: found?.ID ?? "", state: found?.Status?.State ?? "absent" };
}

async function setAvailability(availability: Availability): Promise<void> {
  const node = manager.getNode((await nodeIn()).id);
  const { Version, Spec } = await node.inspect();
  await node.update({ version: Version.Index, ...Spec, Availability: availability });
}

/** Waits until no application counts on the node any more. */
const left = (): Promise<void> =>
  vi.waitFor(
    async () => {
      const tasks = (await applications()).flatMap(({ tasks: own }) => own.filter(counts));
      expect(tasks.filter(({ node }) => node === victim?.name)).toEqual([]);
    },
    { timeout: regained, interval: 200 },
  );

const inState = (state: string): Promise<void> =>
  vi.waitFor(async () => expect((await nodeIn()).state).toBe(state), { timeout: regained, interval: 200 });

// What a node's end does follows from how the environment is made up, not from which release it runs.
const drilled = facts.harsh && (await drilledAlready());

describe.runIf(facts.harsh && facts.nodes.length > 2)("nodes", () => {
  test.runIf(drilled)("were drilled since the environment is made up as it is, which is not repeated", () => {
    expect(drilled).toBe(true);
  });
});

describe.runIf(facts.harsh && facts.nodes.length > 2 && !drilled)("nodes", () => {
  test("a node that is drained costs no request, and full strength is regained", { timeout: 180_000 }, async () => {
    await wholeAgain();
    await underLoad(others, async () => {
      try {
        await setAvailability("drain");
        await left();
        await fullStrength();
      } finally {
        await setAvailability("active");
      }
      await wholeAgain();
      await gone();
    });
    if (!victim?.container) await noteDrilled();
  });

  // Real machines are not killed.
  test.runIf(victim?.container)(
    "a node that dies and returns costs no request, and full strength is regained",
    {
      timeout: 180_000,
    },
    async () => {
      const container = connect(facts.machine).getContainer(victim?.container ?? "");
      await underLoad(others, async () => {
        try {
          await container.kill();
          await inState("down");
          await left();
          await fullStrength();
        } finally {
          await container.start();
        }
        await inState("ready");
        await wholeAgain();
        await gone();
      });
      await noteDrilled();
    },
  );
});
