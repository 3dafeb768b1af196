import { join } from "node:path";

import { readDelivery } from "../../settings/delivery.ts";
import { SettingsError } from "../../settings/errors.ts";
import { checkOut } from "../checkout.ts";
import { describedAt } from "../description.ts";
import { StepFailure } from "../errors.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

export const checkOutStep: Step = {
  ...titleOf(1),
  proves: "the commit is there, whole, and says how it is to be delivered",
  async run(promotion, log) {
    const checkout = await checkOut(promotion.commit, { signal: promotion.signal });
    const file = join(checkout, await describedAt(checkout, promotion.description));
    log.note(`${promotion.commit} is checked out in ${checkout}, described by ${file}`);
    promotion.checkout = checkout;
    promotion.delivery = await readDelivery(file, checkout).catch((error: unknown) => {
      if (!(error instanceof SettingsError)) throw error;
      const [reason = "", ...details] = error.message.split("\n");
      throw new StepFailure(reason.replace(/:$/, ""), { details, cause: error });
    });
    return undefined;
  },
};
