import { execa } from "execa";

export interface ProcessLine {
  pid: number;
  parent: number;
  command: string;
}

/** All processes of this machine. */
export async function processes(): Promise<ProcessLine[]> {
  const { stdout } = await execa("ps", ["-e", "-w", "-w", "-o", "pid=,ppid=,args="]);
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
  });
}

/** A process and everything that descends from it. */
export async function tree(root: number): Promise<ProcessLine[]> {
  const all = await processes();
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || descends(parents.get(pid)));
  return all.filter(({ pid }) => descends(pid));
}

/** Kills a process and everything that descends from it, at once and for good. */
export async function killTree(root: number): Promise<void> {
  for (const { pid } of await tree(root)) kill(pid);
}

/** A process that ends by itself when the one above it is killed is as good as killed. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
