import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";

import { type Problem, SettingsError } from "./errors.ts";
import { check } from "./problems.ts";
import { stackKeys, stackProblems } from "./stack-delivery.ts";

const command = z
  .array(
    z.string("a word of the command").min(1, "a word of the command"),
    "a command as a list of words, such as [npm, test]",
  )
  .min(1, "a command as a list of words, such as [npm, test]");
const path = z.string("a path relative to delivery.yaml").min(1, "a path relative to delivery.yaml");
const request = z.strictObject(
  {
    method: z
      .enum(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"], "GET, HEAD, PUT, POST, DELETE or PATCH")
      .default("GET"),
    path: z.string("a path that begins with /").regex(/^\/[^\s]*$/, "a path that begins with /"),
    status: z.int("an HTTP status").min(200, "an HTTP status").max(599, "an HTTP status").default(200),
    contains: z.string("a text that the answer contains").optional(),
    weight: z.int("a whole number from 1 to 100").min(1).max(100).default(1),
  },
  "a request",
);
const imageExpected = "the name that the stack file has for the image";
const imageName = /^[a-z0-9]+([._-][a-z0-9]+)*$/;

const schema = z.strictObject({
  name: z
    .string("a name")
    .regex(/^[a-z][a-z0-9-]{0,39}$/, "a name of lower-case letters, digits and hyphens, at most 40"),
  unitTests: z.strictObject({ prepare: command.optional(), run: command }, "how the unit tests run"),
  images: z
    .record(
      z.string().regex(imageName, "an image name of lower-case letters, digits, hyphens and dots"),
      z.strictObject(
        {
          context: path.default("."),
          dockerfile: path.default("Dockerfile"),
          image: z.string(imageExpected).optional(),
        },
        "an image to build",
      ),
      "the images to build, by name",
    )
    .refine((images) => Object.keys(images).length > 0, "at least one image"),
  page: z
    .string("a path that begins with /")
    .regex(/^\/[^\s]*$/, "a path that begins with /")
    .default("/"),
  probe: z.array(request, "the requests of the load probe").default([]),
  irreversible: z.array(path, "the migrations that cannot be gone back from, as a list of files").default([]),
  suites: z.strictObject({ functional: path, readiness: path }, "the test suites of steps 5, 7 and 9"),
  ...stackKeys,
});

/** One request of the load probe, and what its answer has to be. `{n}` in its path is a number from 0 to 99. */
export type ProbeRequest = z.output<typeof request>;

/** What is known of an application, with every path absolute that is opened. */
export type Delivery = z.output<typeof schema> & {
  /** The folder of delivery.yaml, where unit tests run. */
  folder: string;
};

const inside = (root: string, target: string): boolean => {
  const way = relative(root, target);
  return way === "" || !(way.startsWith("..") || isAbsolute(way));
};

const mapped = (
  files: z.output<typeof schema>["overrides"],
  change: (file: string, at: string) => string,
): z.output<typeof schema>["overrides"] =>
  Object.fromEntries(
    Object.entries(files).map(([name, all = []]) => [name, all.map((file, index) => change(file, `${name}.${index}`))]),
  );

/** Paths made absolute, with a problem for each that leads out of the checkout, or to nothing where a file has to be. */
function resolvePaths(parsed: z.output<typeof schema>, folder: string, root: string): Delivery | Problem[] {
  const problems: Problem[] = [];
  const locate = (at: string, base: string, to: string): string => {
    const target = resolve(base, to);
    if (!inside(root, target)) problems.push({ at, found: JSON.stringify(to), expected: "a path inside the checkout" });
    return target;
  };
  const images = Object.fromEntries(
    Object.entries(parsed.images).map(([name, image]) => {
      const context = locate(`images.${name}.context`, folder, image.context);
      return [name, { ...image, context, dockerfile: locate(`images.${name}.dockerfile`, context, image.dockerfile) }];
    }),
  );
  const suites = {
    functional: locate("suites.functional", folder, parsed.suites.functional),
    readiness: locate("suites.readiness", folder, parsed.suites.readiness),
  };
  parsed.irreversible.forEach((file, index) => {
    const target = locate(`irreversible.${index}`, folder, file);
    if (!existsSync(target)) {
      problems.push({ at: `irreversible.${index}`, found: JSON.stringify(file), expected: "a file of the commit" });
    }
  });
  const stackFile = parsed.stackFile?.map((file, index) => locate(`stackFile.${index}`, folder, file));
  const overrides = mapped(parsed.overrides, (file, at) => locate(`overrides.${at}`, folder, file));
  const program = parsed.program === undefined ? undefined : locate("program", folder, parsed.program);
  problems.push(...stackProblems(parsed));
  if (problems.length > 0) return problems;
  const { stackFile: _files, program: _module, ...rest } = parsed;
  const declared = { ...(stackFile ? { stackFile } : {}), ...(program === undefined ? {} : { program }) };
  return { ...rest, folder, images, suites, overrides, ...declared };
}

/**
 * Reads an application's delivery.yaml.
 * @param file the absolute path of delivery.yaml
 * @param root the checkout that every path must stay in
 * @throws SettingsError naming every key that is wrong, or the line where the YAML is broken
 */
export async function readDelivery(file: string, root: string): Promise<Delivery> {
  const shownAs = relative(root, file);
  const text = await readFile(file, "utf8").catch(() => {
    throw new SettingsError(shownAs, [{ at: "file", found: "no such file", expected: "a delivery description" }]);
  });
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new SettingsError(shownAs, [{ at: "syntax", found: broken.message, expected: "YAML" }]);

  const result = check(schema, document.toJS());
  if ("problems" in result) throw new SettingsError(shownAs, result.problems);
  const resolved = resolvePaths(result.value, dirname(file), root);
  if (Array.isArray(resolved)) throw new SettingsError(shownAs, resolved);
  return resolved;
}
