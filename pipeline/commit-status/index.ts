import { StatusFile } from "./file.ts";
import { statusHost } from "./host.ts";
import { StatusSender } from "./sender.ts";
import type { CommitStatus } from "./state.ts";

/** Takes commits' statuses to where they are shown. */
export interface StatusReport {
  report(commit: string, status: CommitStatus): void;
  /** Waits a little for what is still on its way. */
  close(): Promise<void>;
}

export interface StatusReportOptions {
  /** A file that takes them. */
  file?: string | undefined;
  /** Takes what a person should know of those that do not arrive. */
  tell: (text: string) => void;
  own?: NodeJS.ProcessEnv;
}

/**
 * Reports to the file that is named, to the code host that the environment names, or to nobody. Whoever reports never waits and
 * never fails for it.
 * @throws UsageError when one of them makes no sense
 */
export async function statusReport({ file: path, tell, own }: StatusReportOptions): Promise<StatusReport> {
  const host = await statusHost(own);
  const file = path === undefined ? undefined : await StatusFile.open(path);
  const sender = host && new StatusSender({ host, tell });
  const complain = (error: Error): void => tell(`${path} does not take a status: ${error.message}`);
  let written = Promise.resolve();
  return {
    report(commit, status) {
      sender?.send(commit, status);
      if (file) written = written.then(() => file.set(commit, status)).catch(complain);
    },
    async close() {
      await Promise.all([sender?.close(), written]);
    },
  };
}
