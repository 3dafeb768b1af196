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

/** What a task, or all tasks of a service, have written; nothing when the engine cannot tell within three seconds. */
async function written(engine: Docker, path: string, options: Record<string, unknown>): Promise<string[]> {
  const request = new Promise<Buffer>((resolve, reject) => {
    engine.modem.dial(
      {
        path: `${path}/logs?`,
        method: "GET",
        options: { stdout: true, follow: false, ...options },
        abortSignal: AbortSignal.timeout(answerWithin),
        isStream: false,
        statusCodes: { 200: true, 404: "no such task", 500: "server error" },
      },
      (error: unknown, data: unknown) => (error ? reject(error) : resolve(toBuffer(data))),
    );
  });
  const log = await request.catch(() => Buffer.alloc(0));
  return demultiplex(log).split("\n").filter(Boolean);
}

/** The last log lines of a task, at most 20; none when the engine cannot tell within three seconds. */
export const tailOf = async (engine: Docker, task: string): Promise<string[]> =>
  (await written(engine, `/tasks/${task}`, { stderr: true, tail: maximumLines })).slice(-maximumLines);

/** A line of a log. */
export interface LogLine {
  at: Date;
  /** The id of the task that wrote it. */
  task: string;
  text: string;
}

/** `2026-…Z com.docker.swarm.node.id=…,com.docker.swarm.task.id=… text`, as the engine writes it. */
const detailed = /^(\S+) (?:\S+,)?com\.docker\.swarm\.task\.id=([^,\s]+)\S* (.*)$/;

/**
 * What a service's tasks wrote to standard output between two moments by the engine's clock, in order; nothing when the engine cannot tell
 * within three seconds.
 */
export async function writtenBetween(engine: Docker, service: string, from: Date, to: Date): Promise<LogLine[]> {
  const options = { since: Math.floor(from.getTime() / 1_000), timestamps: true, details: true };
  return (await written(engine, `/services/${encodeURIComponent(service)}`, options))
    .flatMap((line) => {
      const [, time = "", task = "", text = ""] = detailed.exec(line) ?? [];
      const at = new Date(time);
      return at >= from && at <= to ? [{ at, task, text }] : [];
    })
    .toSorted((one, other) => one.at.getTime() - other.at.getTime());
}

const toBuffer = (data: unknown): Buffer => (Buffer.isBuffer(data) ? data : Buffer.from(String(data), "binary"));
