import { connected, states, taken, waiting } from "./queue.ts";

const client = await connected();
let stopping = false;
process.once("SIGTERM", () => {
  stopping = true;
});

// An order is on one of the two lists until it is done, so that none is lost with the worker that took it.
while (!stopping) {
  const order = await client.blMove(waiting, taken, "RIGHT", "LEFT", 1);
  if (order === null) continue;
  await client.multi().hSet(states, order, "done").lRem(taken, 1, order).exec();
}
process.exit(0);
