/** What the page shows, as the part of its address behind `#` tells. */
export type Route = { readonly kind: "overview" } | { readonly kind: "service"; readonly id: string };

/** Reads `#/ID`; anything else is the overview. An id is one segment of an address as it is. */
export function routeOf(hash: string): Route {
  const [, id] = /^#\/([^/]+)$/.exec(hash) ?? [];
  return id === undefined ? { kind: "overview" } : { kind: "service", id };
}

export function hashOf(route: Route): string {
  return route.kind === "overview" ? "#/" : `#/${route.id}`;
}
