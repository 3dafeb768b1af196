import { readdirSync, readFileSync } from "node:fs";

const every = 100;

/** Every process by its parent, with its resident memory in MiB. */
function processes(): Map<number, { parent: number; mebibytes: number }> {
  const found = new Map<number, { parent: number; mebibytes: number }>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // The command's name is in brackets and may hold anything.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      found.set(Number(name), { parent: Number(fields[1]), mebibytes: (Number(fields[21]) * 4_096) / 1024 / 1024 });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

function residentOf(root: number): number {
  const all = processes();
  const inside = (pid: number): boolean => pid === root || (pid > 1 && inside(all.get(pid)?.parent ?? 0));
  return [...all].filter(([pid]) => inside(pid)).reduce((total, [, { mebibytes }]) => total + mebibytes, 0);
}

/** Watches the resident memory of a process and all that it started; pages that they share count for each. */
export class MemoryOf {
  /** The most that was seen, in MiB. */
  peak = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => {
      this.peak = Math.max(this.peak, residentOf(pid));
    }, every);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
