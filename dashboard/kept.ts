/** Something that is read again when it may have changed, and told of when it has. The last one is given meanwhile. */
export class Kept<Value> {
  readonly #read: () => Promise<Value>;
  readonly #changed: () => void;
  readonly #marks: (value: Value) => unknown;
  #value: { is: Value; text: string } | undefined;
  #reading: Promise<Value> | undefined;
  #again = false;

  /**
   * @param changed told when what was read is another than before
   * @param marks by what of it that is seen; by all of it unless that is much
   */
  constructor(read: () => Promise<Value>, changed: () => void, marks: (value: Value) => unknown = (value) => value) {
    this.#read = read;
    this.#changed = changed;
    this.#marks = marks;
  }

  /** The last one that was read; the first is waited for. */
  async value(): Promise<Value> {
    return this.#value ? this.#value.is : this.refresh();
  }

  /** The last one that was read, if any was. */
  last(): Value | undefined {
    return this.#value?.is;
  }

  /** Reads it again; whoever asks while it is read gets one that is read after that. */
  refresh(): Promise<Value> {
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#round().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #round(): Promise<Value> {
    for (;;) {
      this.#again = false;
      const is = await this.#read();
      const text = JSON.stringify(this.#marks(is)) ?? "";
      const before = this.#value?.text;
      this.#value = { is, text };
      if (before !== undefined && before !== text) this.#changed();
      if (!this.#again) return is;
    }
  }
}
