/* The small Debian with its own runit, the packages around it, and the file of its package in /srv, to go back to. */
import { packagedImage, type PackagedImage } from "./packaged-image.ts";

const toGoBack = "RUN apt-get update && cd /srv && apt-get download runit && rm -rf /var/lib/apt/lists/*";

export const runitImage: PackagedImage = packagedImage("runit", "runit runit-run runit-services cron", [toGoBack]);

/** The same as a host that systemd or sysvinit boots, which both start runit's runsvdir, as runit-run has it. */
export const runitHostImage: PackagedImage = packagedImage(
  "runit-host",
  "systemd sysvinit-core runit runit-run procps",
  ["RUN printf 'id:2:initdefault:\\nSV:123456:respawn:/etc/runit/2\\n' >/etc/inittab"],
);
