import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** What makes a guess slow: 32 MiB and some tenths of a second each. Kept with each hash, so that it can be raised. */
interface Cost {
  /** The binary logarithm of scrypt's N. */
  ln: number;
  r: number;
  p: number;
}

const cost: Cost = { ln: 15, r: 8, p: 3 };
const mebibyte = 1024 * 1024;

const derive = (password: string, salt: Buffer, length: number, { ln, r, p }: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // The same letters are the same password, however a keyboard composes them.
    scrypt(password.normalize("NFC"), salt, length, { N: 2 ** ln, r, p, maxmem: 256 * mebibyte }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

const text = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");

const format = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,})\$([A-Za-z0-9+/]{22,})$/;

/** Whether a text is a hash of this kind, of a cost that can be paid. */
export function isHash(hash: string): boolean {
  const [, ln, r, p] = format.exec(hash) ?? [];
  return ln !== undefined && Number(ln) >= 10 && Number(ln) <= 17 && Number(r) <= 8 && Number(p) >= 1;
}

/** What is kept of a password: `$scrypt$ln=15,r=8,p=3$SALT$HASH`. */
export async function hashOf(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, 32, cost);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${text(salt)}$${text(key)}`;
}

let before: Promise<unknown> = Promise.resolve();

async function compare(password: string, hash: string): Promise<boolean> {
  const [, ln, r, p, salt = "", key = ""] = format.exec(hash) ?? [];
  const expected = Buffer.from(key, "base64");
  const found = await derive(password, Buffer.from(salt, "base64"), expected.length, {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(found, expected);
}

/** Whether a password is the one that a hash was made of; one after another, so that many who ask cannot fill the memory. */
export function verify(password: string, hash: string): Promise<boolean> {
  const answer = before.then(() => compare(password, hash));
  before = answer.catch(() => {});
  return answer;
}
