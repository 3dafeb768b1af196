import type Docker from "dockerode";

const maximumLines = 20;
const answerWithin = 3_000;

/** The text of the engine's multiplexed log stream: frames of an eight-byte header (stream, length) and a payload. */
function demultiplex(stream: Buffer): string {
  const parts: Buffer[] = [];
  let offset = 0;
  while (offset + 8 <= stream.length) {
    const length = stream.readUInt32BE(offset + 4);
    parts.push(stream.subarray(offset + 8, offset + 8 + length));
    offset += 8 + length;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The last log lines of a task, at most 20; none when the engine cannot tell within three seconds. */
export async function tailOf(engine: Docker, task: string): Promise<string[]> {
  const options = { stdout: true, stderr: true, follow: false, tail: maximumLines };
  const request = new Promise<Buffer>((resolve, reject) => {
    engine.modem.dial(
      {
        path: `/tasks/${task}/logs?`,
        method: "GET",
        options,
        abortSignal: AbortSignal.timeout(answerWithin),
        isStream: false,
        statusCodes: { 200: true, 404: "no such task", 500: "server error" },
      },
      (error: unknown, data: unknown) => (error ? reject(error) : resolve(toBuffer(data))),
    );
  });
  const log = await request.catch(() => Buffer.alloc(0));
  return demultiplex(log).split("\n").filter(Boolean).slice(-maximumLines);
}

const toBuffer = (data: unknown): Buffer => (Buffer.isBuffer(data) ? data : Buffer.from(String(data), "binary"));
