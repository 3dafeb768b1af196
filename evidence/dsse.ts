import { sign, verify } from "node:crypto";
import { z } from "zod";

import { EvidenceError } from "./errors.ts";
import type { SigningKey, VerificationKey } from "./keys.ts";

const base64 = z.base64();
const printable = /^[\x20-\x7e]{0,200}$/;
const schema = z.object({
  payloadType: z.string().min(1).max(200),
  payload: base64,
  signatures: z
    .array(z.object({ keyid: z.string().regex(printable).default(""), sig: base64 }))
    .min(1)
    .max(20),
});

/** A payload and who signed it, as DSSE 1.0 has it: https://github.com/secure-systems-lab/dsse */
export type Envelope = z.output<typeof schema>;

/** What is signed: the type and the payload, each with its length, so that neither can be taken for the other. */
function preAuthenticationEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** Signs a payload. */
export function seal(payloadType: string, payload: Buffer, key: SigningKey): Envelope {
  const sig = sign(null, preAuthenticationEncoding(payloadType, payload), key.privateKey).toString("base64");
  return { payloadType, payload: payload.toString("base64"), signatures: [{ keyid: key.id, sig }] };
}

/**
 * Opens an envelope that one of `keys` signed. The id that a signature names its key by is a hint and proves nothing.
 * @returns the payload, and the keys whose signature on it is right
 * @throws EvidenceError when it is no envelope of that type, and when none of them signed it
 */
export function open<Key extends VerificationKey>(
  input: unknown,
  payloadType: string,
  keys: readonly Key[],
): { payload: Buffer; signers: Key[] } {
  const { data: envelope } = schema.safeParse(input);
  if (!envelope) throw new EvidenceError("it is not a DSSE envelope");
  if (envelope.payloadType !== payloadType)
    throw new EvidenceError(`it holds ${envelope.payloadType}, not ${payloadType}`);
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = preAuthenticationEncoding(payloadType, payload);
  const signatures = envelope.signatures.map(({ sig }) => Buffer.from(sig, "base64"));
  const signers = keys.filter(({ publicKey }) => signatures.some((one) => verify(null, signed, publicKey, one)));
  if (signers.length > 0) return { payload, signers };
  const [{ keyid } = { keyid: "" }] = envelope.signatures;
  const known = keys.some(({ id }) => id === keyid);
  throw new EvidenceError(
    known
      ? "its signature does not fit its content"
      : `it is signed by a key that is not trusted (${keyid.slice(0, 12)})`,
  );
}
