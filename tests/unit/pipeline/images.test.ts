import { expect, test } from "vitest";

import { buildCommand } from "../../../pipeline/images.ts";

test("an image is built by an argument list", () => {
  const image = { context: "/x/my app", dockerfile: "/x/my app/Dockerfile" };
  expect(buildCommand(image, "127.0.0.1:5000/demo/app:abc", "abc")).toEqual([
    "docker",
    "build",
    "--force-rm",
    "--tag",
    "127.0.0.1:5000/demo/app:abc",
    "--label",
    "org.opencontainers.image.revision=abc",
    "--file",
    "/x/my app/Dockerfile",
    "/x/my app",
  ]);
});
