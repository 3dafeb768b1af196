/**
 * Works something out for all who ask for it together: those who ask while it is worked out for others get what is worked out after that,
 * so that nobody is told what was so before they asked.
 */
export function shared<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  let next: Promise<Value> | undefined;
  const start = (): Promise<Value> => {
    const now = work().finally(() => {
      if (running === now) running = undefined;
    });
    running = now;
    return now;
  };
  const after = async (before: Promise<Value>): Promise<Value> => {
    await before.catch(() => {});
    next = undefined;
    return running ?? start();
  };
  return () => {
    if (!running) return start();
    next ??= after(running);
    return next;
  };
}
