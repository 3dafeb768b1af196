/** Commands that can be about another application, as cli/define/ has them. */
const ofApplications = [
  "deliver",
  "watch",
  "status",
  "preview",
  "drift",
  "history",
  "evidence",
  "approve",
  "reject",
  "rollback",
  "env",
  "destroy",
];
const others = ["doctor", "prune", "key", "dashboard", "init"];

const typed = new RegExp(
  `npm run (-s )?promote\\b(?!(?: --)? (?:--source|${others.join("|")})\\b)(?: --)?(?: (${ofApplications.join("|")})\\b)?`,
  "g",
);

/** A word of a shell's command, quoted where it has to be. */
const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** Options as they are typed, such as `--source ../shop`. */
export const optionsText = (options: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(options)
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${word(value)}`]))
    .join(" ");

/** A text whose commands, which somebody may type next, are about the application that `options` name. */
export const commandsWith = (text: string, options: string): string =>
  text.replace(typed, (_all, silent = "", name?: string) =>
    ["npm run ", silent, "promote --", name === undefined ? "" : ` ${name}`, ` ${options}`].join(""),
  );
