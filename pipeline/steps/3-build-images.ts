import { trustedKeys } from "../../evidence/project.ts";
import { cleanCheckout } from "../checkout.ts";
import { inputsOf } from "../image-inputs.ts";
import { buildImages } from "../images.ts";
import { evidenceDays } from "../known.ts";
import { needed } from "../promotion.ts";
import { provedByBuild } from "../proof.ts";
import { originOf } from "../record.ts";
import type { Step } from "../step.ts";
import { versionOf } from "../version.ts";
import { titleOf } from "./titles.ts";

export const buildImagesStep: Step = {
  ...titleOf(3),
  proves: "the registry holds the commit's images; from here on they are known by digest only",
  async run(promotion, log) {
    const { commit, signal, progress, again } = promotion;
    const delivery = needed(promotion, "delivery");
    const checkout = needed(promotion, "checkout");
    const { registry } = await promotion.platform();
    // What the unit tests left behind is no part of the commit.
    await cleanCheckout(checkout);
    const detail = (text: string): void => progress({ type: "detail", text });
    const limits = { keys: await trustedKeys(), days: await evidenceDays(promotion), signal };
    const inputs: Record<string, string> = {};
    for (const [name, image] of Object.entries(delivery.images)) inputs[name] = await inputsOf(checkout, commit, image);
    const built = await buildImages({ delivery, checkout, commit, inputs, registry, again, log, detail, ...limits });
    const images = Object.fromEntries(Object.entries(built).map(([name, { reference }]) => [name, reference]));
    const version = await versionOf(delivery.folder, commit);
    promotion.release = { application: delivery.name, commit, version, images };
    log.note(JSON.stringify(promotion.release));
    return provedByBuild(promotion, built, await originOf());
  },
};
