import type { Identity, Listed } from "../core/scan.ts";

/** How often a directory is listed once more, where its entries change all the time. */
const mostTries = 5;

/**
 * Makes a function that lists a directory, and lists it once more when something is missing that was there the last time.
 * A listing takes several calls, and a directory that is renamed between two of them is found under neither name. Then its
 * service would be stopped, and started anew.
 */
export function createSettledListing(list: () => readonly Listed[]): () => readonly Listed[] {
  let known: readonly Identity[] = [];
  return () => {
    let listing = list();
    let missing = missingFrom(listing, known);
    for (let tries = mostTries; missing.length > 0 && tries > 0; tries--) {
      const before = new Set(missing);
      listing = list();
      missing = missingFrom(listing, known);
      // What is missing twice in a row is gone. Another one may have been renamed meanwhile.
      if (missing.every((identity) => before.has(identity))) break;
    }
    known = [...identitiesOf(listing)];
    return listing;
  };
}

function missingFrom(listing: readonly Listed[], known: readonly Identity[]): readonly Identity[] {
  const found = identitiesOf(listing);
  return known.filter((identity) => !found.has(identity));
}

function identitiesOf(listing: readonly Listed[]): ReadonlySet<Identity> {
  return new Set(listing.flatMap((entry) => (entry.kind === "directory" ? [entry.identity] : [])));
}
