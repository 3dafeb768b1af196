import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

import { certifiedHost } from "./certificate.ts";

/** What came back. */
export interface Answered {
  status: number | undefined;
  body: string;
  /** The certificate that was shown, by its hash. */
  certificate?: string | undefined;
}

const site = certifiedHost;

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** Asks by HTTP/1.1 in clear, on a connection of its own. */
export async function get(
  port: number,
  path: string,
  headers: OutgoingHttpHeaders = {},
  method = "GET",
): Promise<Answered> {
  const sent = httpRequest({ port, path, method, headers, agent: false });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return { status: answer.statusCode, body: await textOf(answer) };
}

/** Asks by HTTP/1.1 over TLS, on a connection of its own, and takes any certificate. */
export async function getSecurely(port: number, path: string): Promise<Answered> {
  const options = { servername: site, headers: { host: site }, rejectUnauthorized: false };
  const sent = httpsRequest({ port, path, agent: false, ...options });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const certificate = (answer.socket as TLSSocket).getPeerCertificate().fingerprint256;
  return { status: answer.statusCode, body: await textOf(answer), certificate };
}

/**
 * Asks by HTTP/2.
 * @param address `https://…`, or `http://…` for HTTP/2 in clear
 * @param ca the certificate that is trusted
 */
export async function getByHttp2(address: string, path: string, ca: string): Promise<Answered> {
  const session = connectHttp2(address, { ca, servername: site });
  try {
    const stream = session.request({ ":path": path, ":authority": site });
    const [headers] = await once(stream, "response");
    return { status: headers[":status"], body: await textOf(stream) };
  } finally {
    session.close();
  }
}

/** Opens a WebSocket and returns its connection. */
export async function webSocket(port: number, path: string): Promise<Socket> {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  const sent = httpRequest({ port, path, headers, agent: false });
  sent.end();
  const [, socket] = (await once(sent, "upgrade")) as [IncomingMessage, Socket];
  return socket;
}

/** What comes back for a text that is sent on a connection. */
export async function echoOf(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = await once(socket, "data");
  return String(data);
}

/** Asks again and again until it is told to stop; returns all answers. What was not answered has no status. */
export function keepAsking(ask: () => Promise<Answered>): { stop(): Promise<Answered[]> } {
  const answers: Answered[] = [];
  let over = false;
  const load = (async () => {
    while (!over) {
      answers.push(await ask().catch((error: unknown) => ({ status: undefined, body: String(error) })));
    }
    return answers;
  })();
  return {
    stop() {
      over = true;
      return load;
    },
  };
}
