import { expect, test } from "vitest";

import { challengesIn } from "../../../registry/challenge.ts";

test.each([
  [
    'Bearer realm="https://auth.example.org/token",service="registry",scope="repository:demo/app:pull,push"',
    [
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth.example.org/token",
          service: "registry",
          scope: "repository:demo/app:pull,push",
        },
      },
    ],
  ],
  ['Basic realm="a \\"b\\""', [{ scheme: "basic", parameters: { realm: 'a "b"' } }]],
  [
    "Basic realm=plain, Bearer Realm=x",
    [
      { scheme: "basic", parameters: { realm: "plain" } },
      { scheme: "bearer", parameters: { realm: "x" } },
    ],
  ],
  [
    'Negotiate, Basic realm="x"',
    [
      { scheme: "negotiate", parameters: {} },
      { scheme: "basic", parameters: { realm: "x" } },
    ],
  ],
  ["", []],
])("%s is read", (header, challenges) => {
  expect(challengesIn(header)).toEqual(challenges);
});
