import type { People } from "../src/people.ts";

/** People without a database; `broken` makes it fail as one that cannot be reached does. */
export class PeopleInMemory implements People {
  broken = false;
  readonly #names = new Set<string>();

  async store(name: string): Promise<void> {
    await this.check();
    this.#names.add(name);
  }

  async list(): Promise<string[]> {
    await this.check();
    return [...this.#names].toSorted();
  }

  async check(): Promise<void> {
    if (this.broken) throw new Error("connection refused");
  }
}
