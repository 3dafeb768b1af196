import { InterruptedError } from "../pipeline/errors.ts";

/** A terminal's Ctrl-C may arrive twice at once: from the terminal, and passed on by a parent process. */
const echo = 250;

/**
 * Listens for Ctrl-C and its like.
 * @param again called when somebody asks a second time
 * @returns a signal that is aborted the first time
 */
export function interruption(first: () => void, again: () => void): AbortSignal {
  const controller = new AbortController();
  let at = 0;
  const listen = (): void => {
    if (!controller.signal.aborted) {
      at = Date.now();
      first();
      controller.abort(new InterruptedError());
    } else if (Date.now() - at > echo) {
      again();
    }
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, listen);
  return controller.signal;
}
