/* The small Debian with real daemons. */
import type { Need } from "../core/needs.ts";
import { packagedImage, packagesFailure } from "./packaged-image.ts";

const image = packagedImage("daemons", "nginx-light cron openssh-server etcd-server etcd-client");

/** Its name, once {@link daemonsFailure} has found nothing missing. */
export const daemonsImage: string = image.name;

/** For a test's `needs`: makes the image if there is none yet. */
export async function daemonsFailure(): Promise<Need> {
  return await packagesFailure(image);
}
