import type { Mount } from "./model.ts";

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];

/** Cuts at colons, but not at that of a Windows drive, `c:\data`. */
const sectionsOf = (text: string): string[] => text.match(/(?:^|(?<=:))(?:[a-z]:[^:]*|[^:]*)/gi) ?? [];

const isPath = (source: string): boolean =>
  /^[./~]/.test(source) || source.startsWith("\\\\") || /^[a-z]:/i.test(source);

function withOptions(mount: Mount, options: string[], unknown: (option: string) => void): Mount {
  for (const option of options) {
    if (option === "ro" || option === "rw") mount.read_only = option === "ro";
    else if (option === "nocopy") mount.volume = { nocopy: true };
    else if (propagations.includes(option)) mount.bind = { propagation: option };
    else unknown(option);
  }
  return mount;
}

/**
 * Reads a volume in the short form: `/data`, `data:/data`, `./site:/site:ro`.
 * @param unknown is told each option that means nothing, which `docker stack deploy` ignores without a word
 * @returns undefined when it is none
 */
export function shortMount(text: string, unknown: (option: string) => void): Mount | undefined {
  if (text.length > 0 && text.length < 3) return { type: "volume", target: text };
  const [source = "", target, options, ...more] = sectionsOf(text);
  if (source === "" || target === "" || options === "" || more.length > 0) return undefined;
  if (target === undefined) return { type: "volume", target: source };
  const mount: Mount = { type: isPath(source) ? "bind" : "volume", source, target };
  return withOptions(mount, options?.split(",") ?? [], unknown);
}
