import type { Progress } from "./events.ts";

/** Does something beside the nine steps, and tells that it begins and how long it took. */
export async function told<Result>(name: string, progress: Progress, action: () => Promise<Result>): Promise<Result> {
  const started = Date.now();
  progress({ type: "preparation-started", name });
  let failed = true;
  try {
    const result = await action();
    failed = false;
    return result;
  } finally {
    progress({ type: "preparation-ended", name, seconds: (Date.now() - started) / 1_000, failed });
  }
}
