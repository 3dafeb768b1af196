/** The environment variable that tells a program what runs already and is to be taken into Pulumi's state as it is, as JSON. */
export const adoptionVariable = "SLIPWAY_ADOPT";

/** What of a stack can be taken over by its id. */
export const adoptable = ["service", "network"] as const;
export type Adoptable = (typeof adoptable)[number];

/** The ids of what runs, by kind and name. */
export type Adoption = Record<Adoptable, Record<string, string>>;
