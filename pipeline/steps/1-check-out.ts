import { join } from "node:path";

import { ownStacksOf } from "../../settings/delivered.ts";
import { type Delivery, readDelivery } from "../../settings/delivery.ts";
import { SettingsError } from "../../settings/errors.ts";
import { checkOut, runCheckouts } from "../checkout.ts";
import { describedAt } from "../description.ts";
import { StepFailure } from "../errors.ts";
import { assertStackFile } from "../stack-check.ts";
import type { Step } from "../step.ts";
import { titleOf } from "./titles.ts";

/** What stacks there are for the application follows from where it is, and was settled before the commit was read as a whole. */
function assertDeclarable({ stackFile, program }: Delivery): void {
  const own = ownStacksOf();
  const described = stackFile ?? program;
  if (own !== undefined && !described) {
    throw new StepFailure(
      `The delivery.yaml of ${own} names neither a stackFile nor a program, so nothing says what is to run`,
      {
        next: "name the Compose file that docker stack deploy would take: stackFile: compose.yaml",
      },
    );
  }
  if (own !== undefined || !described) return;
  throw new StepFailure(
    "The commit's delivery.yaml names a stackFile or a program, and such an application has stacks of its own",
    {
      next: "npm run promote -- --source . (or the folder that delivery.yaml is in)",
    },
  );
}

export const checkOutStep: Step = {
  ...titleOf(1),
  proves: "the commit is there, whole, and says how it is to be delivered",
  async run(promotion, log) {
    const checkout = await checkOut(promotion.commit, { root: runCheckouts(), signal: promotion.signal });
    const description = await describedAt(checkout, promotion.description);
    const file = join(checkout, description);
    log.note(`${promotion.commit} is checked out in ${checkout}, described by ${file}`);
    promotion.checkout = checkout;
    promotion.delivery = await readDelivery(file, checkout).catch((error: unknown) => {
      if (!(error instanceof SettingsError)) throw error;
      const [reason = "", ...details] = error.message.split("\n");
      throw new StepFailure(reason.replace(/:$/, ""), { details, cause: error });
    });
    assertDeclarable(promotion.delivery);
    const { signal } = promotion;
    if (promotion.delivery.stackFile) await assertStackFile({ root: checkout, description, log, signal });
    return undefined;
  },
};
