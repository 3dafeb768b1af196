/** Whether a process is there: a test that was killed left what it had made, and says by its process whose that is. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
