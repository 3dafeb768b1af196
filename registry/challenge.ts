/** How a registry wants to be told who asks. */
export interface Challenge {
  scheme: string;
  parameters: Record<string, string>;
}

const parameter = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/**
 * The challenges of a `WWW-Authenticate` header: `Bearer realm="https://auth.example.org/token",service="registry"`. Schemes and names of
 * parameters are in lower case.
 */
export function challengesIn(header: string): Challenge[] {
  // A scheme is a word that another word or nothing follows, where a parameter's name has an equals sign behind it.
  const starts = [...header.matchAll(/(?:^|,)\s*([A-Za-z][\w-]*)(?=\s+[\w-]+\s*=|\s*,|\s*$)/g)];
  return starts.map((start, position) => {
    const text = header.slice(start.index + start[0].length, starts[position + 1]?.index);
    const found = [...text.matchAll(parameter)].map(
      ([, name = "", quoted, plain]) =>
        [name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? ""] as const,
    );
    return { scheme: (start[1] ?? "").toLowerCase(), parameters: Object.fromEntries(found) };
  });
}
