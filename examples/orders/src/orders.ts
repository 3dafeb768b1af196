/** Where orders wait, and where it is noted what became of them. */
export interface Queue {
  add(order: string): Promise<void>;
  stateOf(order: string): Promise<string | undefined>;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const order = /^\/orders\/([a-z0-9-]{1,60})$/;

/** Answers a request about orders. */
export async function answer(queue: Queue, method: string, path: string, stopping: boolean): Promise<Answer> {
  if (path === "/orders/health") {
    return stopping ? { status: 503, body: { state: "stopping" } } : { status: 200, body: { state: "ok" } };
  }
  const [, id] = order.exec(path) ?? [];
  if (id === undefined) return { status: 404, body: { error: "orders are at /orders/ID" } };
  if (method === "PUT") {
    await queue.add(id);
    return { status: 202, body: { id, state: "waiting" } };
  }
  const state = await queue.stateOf(id);
  return state === undefined
    ? { status: 404, body: { error: `there is no order ${id}` } }
    : { status: 200, body: { id, state } };
}
