/* The small Debian with what starts a host. */
import { packagedImage, type PackagedImage } from "./packaged-image.ts";

export const inits: PackagedImage = packagedImage("inits", "openrc sysvinit-core systemd busybox");
