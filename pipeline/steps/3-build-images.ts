import { cleanCheckout } from "../checkout.ts";
import { buildImages } from "../images.ts";
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
    const { commit, signal, progress } = promotion;
    const delivery = needed(promotion, "delivery");
    const checkout = needed(promotion, "checkout");
    const { registry } = await promotion.platform();
    // What the unit tests left behind is no part of the commit.
    await cleanCheckout(checkout);
    const detail = (text: string): void => progress({ type: "detail", text });
    const images = await buildImages({ delivery, checkout, commit, registry, signal, log, detail });
    const version = await versionOf(delivery.folder, commit);
    promotion.release = { application: delivery.name, commit, version, images };
    log.note(JSON.stringify(promotion.release));
    return provedByBuild(promotion, await originOf());
  },
};
