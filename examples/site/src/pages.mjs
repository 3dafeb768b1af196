/** The answer to a request for a page of a site. */
export function page(site, path, stopping) {
  if (path === "/health") return stopping ? [503, "stopping\n"] : [200, "ok\n"];
  return path === "/" ? [200, `This is ${site}\n`] : [404, `${site} has no such page\n`];
}
