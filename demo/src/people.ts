/** The people who were stored. */
export interface People {
  store(name: string): Promise<void>;
  /** Every name, in order. */
  list(): Promise<string[]>;
  /** Fails when the people cannot be reached. */
  check(): Promise<void>;
}

const longest = 100;

/** Why `name` cannot be stored, or undefined when it can. */
export function objection(name: string | null): string | undefined {
  if (name === null || name.trim() === "") return "name is missing: PUT /demo/person?name=Ada";
  if ([...name].length > longest) return `name is longer than ${longest} characters`;
  if (/\p{Cc}/u.test(name)) return "name holds a control character";
  if (!name.isWellFormed()) return "name is not well-formed text";
  return undefined;
}
