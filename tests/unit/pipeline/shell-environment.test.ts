import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

import { exportLines } from "../../../pipeline/shell-environment.ts";

test.each(["plain", "with space", "it's", "$(touch owned)", "`id`", '"quoted"', "a\nb", "\\", ""])(
  "%j comes out of a shell as it went in",
  (value) => {
    const script = `${exportLines({ VALUE: value }).join("\n")}\nprintf %s "$VALUE"`;
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(value);
  },
);
