import { EventEmitter } from "node:events";

import type { EnvironmentName } from "../settings/environment.ts";

/** What a page may show a part of. */
export type Topic =
  | "environments"
  | "releases"
  | "runs"
  | "history"
  | `release/${string}`
  | `log/${string}`
  | `preview/${EnvironmentName}/${string}`;

/** Tells open pages that what they show has changed. */
export class Topics {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  tell(topic: Topic): void {
    this.#emitter.emit(topic);
  }

  /** @returns ends it */
  listen(topics: readonly string[], listener: () => void): () => void {
    for (const topic of topics) this.#emitter.on(topic, listener);
    return () => {
      for (const topic of topics) this.#emitter.off(topic, listener);
    };
  }

  /** Whether an open page shows it. */
  isHeard(topic: Topic): boolean {
    return this.#emitter.listenerCount(topic) > 0;
  }
}

/**
 * Does something a little later, once for all who ask meanwhile.
 * @param milliseconds how much later
 */
export function soon(action: () => void, milliseconds: number): () => void {
  let _timer: NodeJS.Timeout | undefined;
  return () => {
    _timer ??= setTimeout(() => {
      _timer = undefined;
      action();
    }, milliseconds).unref();
  };
}
