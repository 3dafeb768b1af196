import { streamSSE } from "hono/streaming";

import type { App } from "./app.ts";
import { soon, type Topics } from "./topics.ts";

/** How often a stream says that it is still there, in milliseconds: proxies end what is silent for a minute. */
const beat = 20_000;

/** The browser's wait before it asks again after a stream was lost, in milliseconds. */
const retry = 1_000;

/** How many changes a page is told of at most, each so many milliseconds. */
const breath = 150;

/** One stream for each open page, which tells that something on it has changed; what it is now, the page itself says. */
export function addEvents(app: App, topics: Topics): void {
  app.get("/events", (context) => {
    const of = (context.req.query("of") ?? "").split(",").slice(0, 10);
    // A proxy that collects answers would hold the events back.
    context.header("x-accel-buffering", "no");
    return streamSSE(context, async (stream) => {
      const tell = soon(() => void stream.writeSSE({ event: "changed", data: "" }), breath);
      const end = topics.listen(of, tell);
      const beats = setInterval(() => void stream.write(": still here\n\n"), beat);
      const gone = new Promise<void>((resolve) => stream.onAbort(resolve));
      await stream.writeSSE({ event: "hello", data: "", retry });
      await gone;
      clearInterval(beats);
      end();
    });
  });
}
