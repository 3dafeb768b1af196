import { expect, test } from "vitest";

import { bootstrapArguments } from "../../../../setup/needs/base-image.ts";

test("the image is made without documentation and with certificates", () => {
  const args = bootstrapArguments([]);
  expect(args).toContain("--include=ca-certificates");
  expect(args).toContain("--dpkgopt=path-exclude=/usr/share/man/*");
  expect(args.slice(-2)).toEqual(["bookworm", "-"]);
});

test("an administrator's certificates are put in before the list is made anew", () => {
  const hooks = bootstrapArguments(["/usr/local/share/ca-certificates/own.crt"]).filter((arg) => arg.includes("hook"));
  expect(hooks.slice(0, 2)).toEqual([
    "--customize-hook=copy-in /usr/local/share/ca-certificates/own.crt /usr/local/share/ca-certificates",
    '--customize-hook=chroot "$1" update-ca-certificates',
  ]);
});
