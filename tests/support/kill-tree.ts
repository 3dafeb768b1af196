import { execa } from "execa";

/** Kills a process and everything that descends from it, at once and for good. */
export async function killTree(root: number): Promise<void> {
  const { stdout } = await execa("ps", ["-e", "-o", "pid=,ppid="]);
  const parents = new Map(
    stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number) as [pid: number, parent: number]),
  );
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || descends(parents.get(pid)));
  for (const pid of [...parents.keys()].filter(descends)) kill(pid);
}

/** A process that ends by itself when the one above it is killed is as good as killed. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
