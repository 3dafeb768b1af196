import { docker } from "./engine.ts";

/** The host that certificates of tests are for. */
export const certifiedHost = "shop.example.org";

/**
 * A new certificate with its key, as PEM.
 * @param image one with openssl in it
 */
export async function selfSigned(image: string): Promise<string> {
  const subject = ["-subj", `/CN=${certifiedHost}`, "-addext", `subjectAltName=DNS:${certifiedHost}`];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, "-keyout", "-", "-out", "-"];
  return `${(await docker("run", "--rm", "--entrypoint", "openssl", image, ...args)).join("\n")}\n`;
}
