import { type Expansion, joinParts, type Word } from "../words.ts";

/** The name of a unit, `prefix@instance.service`. */
export interface UnitName {
  readonly file: string;
  /** Without `.service`: the name of the service directory. */
  readonly name: string;
  readonly prefix: string;
  /** Empty where there is none. */
  readonly instance: string;
}

/** Takes the name of a unit apart. */
export function unitName(file: string): UnitName {
  const name = file.replace(/\.service$/, "");
  const at = name.indexOf("@");
  return { file, name, prefix: at === -1 ? name : name.slice(0, at), instance: at === -1 ? "" : name.slice(at + 1) };
}

type Meaning = (unit: UnitName, path: string) => string | Expansion;

/** What the manager of the system puts in. */
const specifiers: Readonly<Record<string, Meaning>> = {
  "%": () => "%",
  n: ({ file }) => file,
  N: ({ name }) => name,
  p: ({ prefix }) => prefix,
  P: ({ prefix }) => unescape(prefix),
  i: ({ instance }) => instance,
  I: ({ instance }) => unescape(instance),
  j: ({ prefix }) => prefix.split("-").at(-1) ?? "",
  J: ({ prefix }) => unescape(prefix.split("-").at(-1) ?? ""),
  f: ({ instance, prefix }) => `/${unescape(instance === "" ? prefix : instance).replace(/^\//, "")}`,
  y: (_unit, path) => path,
  Y: (_unit, path) => path.replace(/\/[^/]*$/, ""),
  h: () => "/root",
  u: () => "root",
  U: () => "0",
  g: () => "root",
  G: () => "0",
  s: () => "/bin/sh",
  t: () => "/run",
  S: () => "/var/lib",
  C: () => "/var/cache",
  L: () => "/var/log",
  E: () => "/etc",
  T: () => "/tmp",
  V: () => "/var/tmp",
  H: () => output("hostname"),
  q: () => output("hostname"),
  l: () => output("hostname | cut -d. -f1"),
  v: () => output("uname -r"),
  m: () => output("cat /etc/machine-id"),
  b: () => output("tr -d - </proc/sys/kernel/random/boot_id"),
  a: () => output("uname -m"),
};

/** Puts in what `%n` and the like stand for. Returns the problem where one is unknown. */
export function expandSpecifiers(text: string, unit: UnitName, path: string): Word | string {
  const parts: (string | Expansion)[] = [];
  let end = 0;
  for (const { 0: whole, index } of text.matchAll(/%./gsu)) {
    const meaning = specifiers[whole.slice(1)];
    if (meaning === undefined) return `has a specifier that stands for something of systemd, ${whole}`;
    parts.push(text.slice(end, index), meaning(unit, path));
    end = index + whole.length;
  }
  return joinParts([...parts, text.slice(end)]);
}

function output(of: string): Expansion {
  return { kind: "output", of };
}

/** Undoes systemd-escape(1): a dash is a slash, and `\x2d` a dash. */
function unescape(text: string): string {
  return text
    .replaceAll("-", "/")
    .replaceAll(/\\x([0-9a-fA-F]{2})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
