import type { Between, CommitFacts } from "../pipeline/commits.ts";
import * as commits from "../pipeline/commits.ts";

/** How many answers are remembered. */
const most = 2_000;

const answers = new Map<string, unknown>();

/** What git says of commits by their full ids stays so: pages are written without asking it again. Nothing is not remembered. */
async function remembered<Value>(key: string, ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
  const known = answers.get(key) as Value | undefined;
  if (known !== undefined) return known;
  const value = await ask();
  if (value === undefined) return undefined;
  answers.set(key, value);
  const [first] = answers.keys();
  if (answers.size > most && first !== undefined) answers.delete(first);
  return value;
}

/** See `commitsFrom`. */
export const commitsFrom = async (commit: string, options: { limit: number }): Promise<CommitFacts[]> =>
  (await remembered(`from ${commit} ${options.limit}`, () => commits.commitsFrom(commit, options))) ?? [];

/** See `factsOf`. */
export async function factsOf(ids: readonly string[]): Promise<CommitFacts[]> {
  const unknown = ids.filter((id) => !answers.has(`of ${id}`));
  const found = unknown.length > 0 ? await commits.factsOf(unknown) : [];
  for (const facts of found) await remembered(`of ${facts.commit}`, () => Promise.resolve(facts));
  const all = [...found, ...ids.flatMap((id) => (answers.get(`of ${id}`) as CommitFacts | undefined) ?? [])];
  return ids.flatMap((id) => all.find(({ commit }) => commit === id) ?? []);
}

/** See `between`. */
export const between = (from: string, to: string, options: { limit: number }): Promise<Between | undefined> =>
  remembered(`between ${from} ${to} ${options.limit}`, () => commits.between(from, to, options));
