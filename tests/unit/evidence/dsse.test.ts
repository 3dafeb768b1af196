import { sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Envelope, open, seal } from "../../../evidence/dsse.ts";
import { EvidenceError } from "../../../evidence/errors.ts";
import { createSigningKey, type SigningKey } from "../../../evidence/keys.ts";

const type = "application/vnd.in-toto+json";
const payload = Buffer.from('{"hello":"world"}');
let folder: string;
let key: SigningKey;
let other: SigningKey;
let envelope: Envelope;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-dsse-"));
  key = await createSigningKey(join(folder, "key"));
  other = await createSigningKey(join(folder, "other"));
  envelope = seal(type, payload, key);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what was sealed is opened by the key that signed it, among others", () => {
  expect(open(envelope, type, [other, key])).toEqual({ payload, signers: [key] });
});

test("the signature is over the encoding that the specification of DSSE gives", () => {
  const encoded = Buffer.from('DSSEv1 28 application/vnd.in-toto+json 17 {"hello":"world"}');
  expect(envelope.signatures[0]?.sig).toBe(sign(null, encoded, key.privateKey).toString("base64"));
});

test("the id of a key is no proof: another key's signature under it does not count", () => {
  const forged = seal(type, payload, other);
  const [signature] = forged.signatures;
  const pretending = { ...forged, signatures: [{ sig: signature?.sig, keyid: key.id }] };
  expect(() => open(pretending, type, [key])).toThrow("its signature does not fit its content");
});

test("a key that is not trusted is named by the beginning of its id", () => {
  expect(() => open(envelope, type, [other])).toThrow(`not trusted (${key.id.slice(0, 12)})`);
});

test("any byte of the payload, the type or the signature that is changed voids it", () => {
  const text = JSON.stringify(envelope);
  const decided = (input: unknown): boolean => {
    try {
      return open(input, type, [key]).payload.equals(payload);
    } catch (error) {
      expect(error).toBeInstanceOf(EvidenceError);
      return false;
    }
  };
  expect(decided(JSON.parse(text))).toBe(true);
  const accepted: string[] = [];
  for (const field of ["payload", "payloadType"] as const) {
    const bytes = Buffer.from(envelope[field], field === "payload" ? "base64" : "utf8");
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      if (decided({ ...envelope, [field]: changed.toString(field === "payload" ? "base64" : "utf8") }))
        accepted.push(`${field} ${at}`);
    }
  }
  const sig = Buffer.from(envelope.signatures[0]?.sig ?? "", "base64");
  for (let at = 0; at < sig.length; at++) {
    const changed = Buffer.from(sig);
    changed[at] = (changed[at] ?? 0) ^ 1;
    if (decided({ ...envelope, signatures: [{ keyid: key.id, sig: changed.toString("base64") }] }))
      accepted.push(`sig ${at}`);
  }
  expect(accepted).toEqual([]);
});

test.each([
  ["nothing", null],
  ["a text", "envelope"],
  ["no signature", { payloadType: type, payload: "e30=", signatures: [] }],
  ["a payload that is no base64", { payloadType: type, payload: "{}", signatures: [{ keyid: "a", sig: "e30=" }] }],
  [
    "an escape in the key's id",
    { payloadType: type, payload: "e30=", signatures: [{ keyid: "\u001b[2J", sig: "e30=" }] },
  ],
])("%s is no envelope", (_, input) => {
  expect(() => open(input, type, [key])).toThrow("it is not a DSSE envelope");
});
