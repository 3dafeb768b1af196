/** Replaces text in a file that is there, or writes a file that is not. */
export type Edit = { file: string; from: string; to: string } | { file: string; text: string };

/** A commit that must not reach production. */
export interface BadRelease {
  fact: string;
  edits: Edit[];
  /** The exit codes that are right: where a fault shows itself after a while, the step depends on the machine's speed. */
  exitCodes: number[];
  /** What the person reads. */
  says: string[];
  /** Takes more than a minute, or shows what others show too: run with `npm test -- --long`. */
  long?: boolean;
}

const main = { file: "demo/src/main.ts", from: "const settings = settingsFrom(process.env);" };
const greeting = "function hello({ settings: { version, commit, environment } }: Context): Answer {";
const readiness = "async function ready({ stopping, people }: Context): Promise<Answer> {";

/** What each is stopped by is in the order of the steps. */
export const badReleases: BadRelease[] = [
  {
    fact: "a failing unit test",
    edits: [
      {
        file: "demo/tests/settings.test.ts",
        from: "test(",
        to: 'test("never holds", () => expect("this").toBe("that"));\ntest(',
      },
    ],
    exitCodes: [12],
    says: ["unit tests", "never holds"],
  },
  {
    fact: "a Dockerfile that does not build",
    edits: [{ file: "demo/Dockerfile", from: "USER node", to: "RUN ls /no-such-folder\nUSER node" }],
    exitCodes: [13],
    says: ["build", "no-such-folder"],
  },
  {
    fact: "a crash at start, told with Swarm's reason and the last log lines",
    edits: [{ ...main, to: `${main.from}\nif (settings) throw new Error("crashed on purpose");` }],
    exitCodes: [14],
    says: ["staging_app", "rolled the update back", "exit code 1", "crashed on purpose"],
  },
  {
    fact: "a release that never becomes healthy",
    edits: [{ file: "demo/src/healthy", from: "#!/bin/bash", to: "#!/bin/bash\nexit 1" }],
    exitCodes: [14],
    says: ["staging_app", "health check failed"],
    long: true,
  },
  {
    fact: "a migration that fails",
    edits: [{ file: "demo/migrations/002-wrong.sql", text: "ALTER TABLE nowhere ADD COLUMN x integer;\n" }],
    exitCodes: [14],
    says: ["staging_migrate", "exit code 1", "migration failed", "nowhere"],
  },
  {
    fact: "the need of a node label that no node has",
    edits: [
      {
        file: "stacks/demo.ts",
        from: "replicas: settings.replicas,",
        to: 'replicas: settings.replicas, constraints: ["node.labels.gpu==yes"],',
      },
    ],
    exitCodes: [14],
    says: ["staging_app", "no suitable node"],
  },
  {
    fact: "wrong answers",
    edits: [{ file: "demo/src/database.ts", from: "({ name }) => name)", to: "({ name }) => name.toLowerCase())" }],
    exitCodes: [15],
    says: ["staging", "letter by letter"],
  },
  {
    fact: "a failure of one request in a hundred",
    edits: [
      {
        file: "demo/src/routes.ts",
        from: greeting,
        to: `let greeted = 0;\n${greeting}\n  greeted += 1;\n  if (greeted % 100 === 0) return { status: 500, body: {} };`,
      },
    ],
    exitCodes: [16],
    says: ["prodlike", "requests failed", "500"],
  },
  {
    fact: "a migration that locks its table for long",
    edits: [
      {
        file: "demo/migrations/002-lock.sql",
        text: "LOCK TABLE person IN ACCESS EXCLUSIVE MODE;\nSELECT pg_sleep(15);\n",
      },
    ],
    exitCodes: [16],
    says: ["prodlike", "requests failed"],
    long: true,
  },
  {
    fact: "a crash ten seconds after the start",
    edits: [
      { ...main, to: `${main.from}\nsetTimeout(() => {\n  throw new Error("crashed later on purpose");\n}, 10_000);` },
    ],
    exitCodes: [14, 16, 17],
    says: ["exit code 1", "crashed later on purpose"],
    long: true,
  },
  {
    fact: "answers that take ten times as long",
    edits: [
      {
        file: "demo/src/routes.ts",
        from: "{ GET: hello }",
        to: "{ GET: async (context) => new Promise((resolve) => setTimeout(() => resolve(hello(context)), 600)) }",
      },
    ],
    exitCodes: [17],
    says: ["prodlike", "99 of 100 within"],
    long: true,
  },
  {
    fact: "memory that leaks until the task is killed",
    edits: [
      {
        file: "demo/src/routes.ts",
        from: readiness,
        to: `const kept: Buffer[] = [];\n${readiness}\n  kept.push(Buffer.alloc(100_000, 1));`,
      },
    ],
    exitCodes: [17],
    says: ["prodlike", "memory does not grow"],
    long: true,
  },
  {
    fact: "tasks that do not stop when they are told to",
    edits: [{ file: "demo/src/main.ts", from: 'stopOn("SIGTERM");', to: 'process.on("SIGTERM", () => {});' }],
    exitCodes: [17],
    says: ["prodlike", "did not stop when they were told to"],
    long: true,
  },
];
