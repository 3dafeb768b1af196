/** Told one plain line for each thing that set-up does, for a person to read. */
export type Report = (line: string) => void;
