/** Docker's own rule: only what is on this machine may be spoken to in clear text. */
export const isLocal = (host: string): boolean => /^(127\.[\d.]+|localhost|\[::1\])(:\d+)?$/.test(host);

/** `registry.example.org:5000/team` in its parts: the host and, where repositories are not at its top, where they are. */
export function addressOf(registry: string): { host: string; prefix: string } {
  const slash = registry.indexOf("/");
  return slash < 0
    ? { host: registry, prefix: "" }
    : { host: registry.slice(0, slash), prefix: registry.slice(slash + 1) };
}
