/* The small Debian with its own runit, the packages around it, and the file of its package in /srv, to go back to. */
import { packagedImage, type PackagedImage } from "./packaged-image.ts";

export const runitImage: PackagedImage = packagedImage("runit", "runit runit-run runit-services cron", [
  "RUN apt-get update && cd /srv && apt-get download runit && rm -rf /var/lib/apt/lists/*",
]);
