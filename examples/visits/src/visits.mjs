/** Answers a request; `count` counts a visit and returns how many there were. */
export async function answer(count, path, stopping) {
  if (path === "/health") return stopping ? [503, { state: "stopping" }] : [200, { state: "ok" }];
  if (path !== "/") return [404, { error: "there is one page, /" }];
  return [200, { visits: await count() }];
}
