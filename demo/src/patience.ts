import { setTimeout as sleep } from "node:timers/promises";

export interface Absence {
  /** Fails as long as what is waited for is not there. */
  ask: () => Promise<unknown>;
  /** Whether an error says that it is not there, rather than that it refuses. */
  isAbsent: (error: unknown) => boolean;
  /** How long it is waited for at most, in milliseconds. */
  limit: number;
  /** Milliseconds between two questions. */
  pause: number;
}

/**
 * Does an action, and once more when what it needs was not there and has come back; only for what may be done twice. All that wait at
 * a time have one question asked, since thousands would be asked of what is just starting.
 */
export function patiently({ ask, isAbsent, limit, pause }: Absence) {
  let back: Promise<void> | undefined;

  async function comesBack(): Promise<void> {
    const until = Date.now() + limit;
    for (;;) {
      const error = await ask().then(
        () => undefined,
        (why: unknown) => why,
      );
      if (error === undefined) return;
      if (!isAbsent(error) || Date.now() > until) throw error;
      await sleep(pause);
    }
  }

  return async <Result>(action: () => Promise<Result>): Promise<Result> => {
    try {
      return await action();
    } catch (error) {
      if (!isAbsent(error)) throw error;
      back ??= comesBack().finally(() => {
        back = undefined;
      });
      await back;
      return action();
    }
  };
}
