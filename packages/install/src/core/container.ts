import { PlanError } from "./command.ts";
import { origin, type Plan, type Request } from "./request.ts";

/** A Containerfile to begin with, in the working directory, which is what it is built from. */
export function containerPlan(request: Request): Plan {
  const { directory } = request;
  if (directory.startsWith("../") || directory.startsWith("/"))
    throw new PlanError(`${directory} is not below the working directory, from which the image is built`);
  if (/\s|["\\$]/.test(directory)) throw new PlanError(`${directory}: a Containerfile takes no such name`);
  return {
    pieces: [
      { kind: "file", path: "Containerfile", text: containerfile(request), mode: 0o644 },
      { kind: "file", path: ".dockerignore", text: ignored(request), mode: 0o644 },
    ],
    afterInstall: [
      "podman build --format docker --tag app .",
      "podman run --rm --name app app",
      "podman exec app sv list",
    ],
    afterUninstall: [],
  };
}

function containerfile(request: Request): string {
  const lines = [
    origin(request),
    "# Before the build: put upkeep-layer.tar beside this file. 'npm run image' makes it.",
    "ARG BASE=docker.io/library/debian:bookworm-slim",
    "FROM ${BASE}",
    "ADD upkeep-layer.tar /",
    'RUN ["/usr/lib/upkeep/prepare"]',
    "# What the services need, on Debian: RUN install_clean nginx-light",
    `COPY ${request.directory}/ /etc/service/`,
    "# Each line of the container's output begins with the name of its service.",
    "ENV UPKEEP_PREFIX_LOGS=1",
    "STOPSIGNAL SIGTERM",
    "# Only images in Docker's format have health checks: podman build --format docker.",
    'HEALTHCHECK --interval=10s --timeout=5s CMD ["sv", "health"]',
    'CMD ["/sbin/my_init"]',
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** State of services that ran here does not belong into an image, and some engines fail at a FIFO. */
function ignored(request: Request): string {
  const { directory } = request;
  return [
    origin(request),
    `${directory}/*/supervise`,
    `${directory}/*/log/supervise`,
    `${directory}/.runsvdir`,
    `${directory}/.forced-rescan`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}
