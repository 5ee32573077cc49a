import type { RenderedFile, Service } from "@upkeep/import/core/model";
import { render } from "@upkeep/import/core/render";

/** The colours of prefixes, as numbers of terminals: those that are legible on both dark and light ones. */
const colours = [36, 33, 32, 35, 34, 31] as const;

/** How lines are shown. */
export interface Appearance {
  readonly isColoured: boolean;
  /** Characters of the longest name, so that lines begin in one column. */
  readonly width: number;
}

/**
 * The files of a service directory whose lines are shown behind its name, and kept in `log/main` for `sv log`. What the
 * source logs elsewhere stays there.
 */
export function serviceFiles(service: Service, index: number, appearance: Appearance): readonly RenderedFile[] {
  if (service.output.kind !== "prefixed" && service.output.kind !== "inherited") return render(service);
  const files = render({ ...service, output: { kind: "inherited" }, errors: joined(service) });
  return [
    ...files,
    { path: "log/run", text: logScript(service.name, index, appearance), executable: true },
    { path: "log/main/config", text: "s1000000\nn2\n", executable: false },
  ];
}

function joined({ errors }: Service): Service["errors"] {
  return errors.kind === "inherited" ? { kind: "joined" } : errors;
}

/** sed writes each line as it comes. What it shows and what svlogd keeps are the same lines. */
function logScript(name: string, index: number, { isColoured, width }: Appearance): string {
  const plain = `${name.padEnd(width)} | `;
  const colour = colours[index % colours.length] ?? 0;
  const prefix = isColoured ? `\u001b[${colour}m${plain}\u001b[0m` : plain;
  return [
    "#!/bin/sh",
    "# Each line is shown behind the name, and kept in ./main.",
    `{ tee /dev/fd/4 | svlogd -tt ./main; } 4>&1 >/dev/null | sed -u 's/^/${forSed(prefix)}/'`,
    "",
  ].join("\n");
}

/** The right side of a substitution, in single quotes of the shell. */
function forSed(text: string): string {
  return text.replaceAll(/[\\&/]/g, String.raw`\$&`).replaceAll("'", `'\\''`);
}
