import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";

export interface Page {
  status: number | undefined;
  release: string | undefined;
  text: string;
}

/** What a host's page holds, asked for at one node. Who made the certificate is not what is tested. */
export function get(address: string, host: string): Promise<Page> {
  const { protocol, hostname, port } = new URL(address);
  const request = protocol === "https:" ? requestTls : requestPlain;
  const options = { hostname, port, path: "/", headers: { Host: host }, servername: host, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      const release = response.headers["x-release"];
      response.on("end", () =>
        resolve({ status: response.statusCode, release: typeof release === "string" ? release : undefined, text }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** Where TLS is spoken, if it is. */
export const tlsOf = (address: string): string => `https://${new URL(address).hostname}:8343`;
