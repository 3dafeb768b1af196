/** What splitting a command is in the middle of. */
interface Splitting {
  words: string[];
  /** The word that has begun; undefined between words. */
  word: string | undefined;
  quote: string | undefined;
}

const space = /[ \t\r\n]/;

/** Takes one character that nothing escapes. */
function take(state: Splitting, character: string): void {
  const { quote } = state;
  if (quote !== undefined) {
    if (character === quote) state.quote = undefined;
    else state.word += character;
  } else if (character === '"' || character === "'") {
    state.quote = character;
    state.word ??= "";
  } else if (!space.test(character)) state.word = (state.word ?? "") + character;
  else if (state.word !== undefined) {
    state.words.push(state.word);
    state.word = undefined;
  }
}

/** A comment runs to the end of its line, and begins where a word could. */
const isComment = ({ word, quote }: Splitting, character: string): boolean =>
  character === "#" && word === undefined && quote === undefined;

/**
 * Splits a command into its words as Docker does: single quotes keep everything, double quotes all but a backslash, and `#`
 * begins a comment.
 * @returns undefined when a quote is not closed or the last backslash escapes nothing
 */
export function shellWords(command: string): string[] | undefined {
  const state: Splitting = { words: [], word: undefined, quote: undefined };
  const characters = [...command];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    if (isComment(state, character)) {
      const end = characters.indexOf("\n", index);
      index = end < 0 ? characters.length : end;
    } else if (character === "\\" && state.quote !== "'") {
      const escaped = characters[++index];
      if (escaped === undefined) return undefined;
      state.word = (state.word ?? "") + escaped;
    } else take(state, character);
  }
  if (state.quote !== undefined) return undefined;
  return state.word === undefined ? state.words : [...state.words, state.word];
}
