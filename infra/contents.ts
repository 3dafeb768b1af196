import * as pulumi from "@pulumi/pulumi";

/** A content and what stands for it, which is known before it. */
export interface KeyedContent {
  key: string;
  content: pulumi.Input<string>;
  /** What `content` is written in where it is not text. */
  encoding?: "base64";
  labels?: Record<string, string>;
}

/** What a config or secret holds. */
export interface Generations {
  current: KeyedContent;
  /** The one before it. */
  previous?: KeyedContent;
}

/**
 * Knows the last two contents of everything that is named by its content. What the stack had after its last update that
 * succeeded counts: one that failed leaves no trace here, so going back finds what it needs.
 */
export class Contents {
  readonly #before: Record<string, Generations>;
  readonly #now: Record<string, Generations> = {};

  /** @param before what `outputs` was after the last update */
  constructor(before: Record<string, Generations> = {}) {
    this.#before = before;
  }

  /** Notes the content that `name` has from now on, and returns the one to keep beside it. */
  before(name: string, content: KeyedContent): KeyedContent | undefined {
    const last = this.#before[name];
    const previous = last?.current.key === content.key ? last.previous : last?.current;
    this.#now[name] = previous ? { current: content, previous } : { current: content };
    return previous;
  }

  /** For the stack's outputs: encrypted, since secrets are among it. */
  get outputs(): pulumi.Output<unknown> {
    return pulumi.secret(this.#now);
  }
}
