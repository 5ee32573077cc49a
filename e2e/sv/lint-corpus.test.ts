/* sv lint on the service directories that Debian's packages bring along: people wrote them, and they work. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { afterAll, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import type { Need } from "../rig/core/needs.ts";
import { ourSuites } from "../rig/core/suites.ts";

/** They are unpacked and not installed: installing would start services. */
const packages = [
  "acpid",
  "bcron",
  "dnsmasq",
  "getty-run",
  "git-daemon-run",
  "mini-httpd-run",
  "mongrel2-run",
  "runit-services",
  "socklog-run",
];
const places = ["etc/sv", "usr/share/runit/sv"];
/** What may be found that a person would call wrong. */
const mostInTwenty = 1;

const corpus = mkdtempSync(join(tmpdir(), "upkeep-corpus-"));
afterAll(() => rmSync(corpus, { recursive: true }));

rigTest(
  "sv lint finds next to nothing in service directories of Debian's packages",
  ourSuites,
  async (rig) => {
    const directories = places.map((place) => join(corpus, place));
    const count = directories.flatMap((directory) => readdirSync(directory)).length;
    expect(count).toBeGreaterThan(40);
    const { stdout, stderr } = await rig.run("sv", ["lint", "--json", ...directories]);
    expect(stderr).toBe("");
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly rule: string }[] };
    // The users would be there if the packages had been installed.
    const wrong = findings.filter(({ rule }) => rule !== "unknown-user");
    rig.note(`${wrong.length} findings in ${count} directories: ${JSON.stringify(wrong)}`);
    expect(wrong.length).toBeLessThanOrEqual(Math.floor((count / 20) * mostInTwenty));
    expect(findings.length - wrong.length).toBeLessThan(10);
  },
  { needs: unpacked() },
);

/** Unpacks the packages into the corpus; tells why it could not. */
function unpacked(): Need {
  const needed = `packages with service directories; to enable: apt-get update, and apt-get download ${packages.join(" ")}`;
  const run = (file: string, ...words: readonly string[]): boolean =>
    !execaSync(file, words, { cwd: corpus, reject: false, timeout: 60_000 }).failed;
  if (!run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", ...packages)) return needed;
  const archives = readdirSync(corpus).filter((name) => name.endsWith(".deb"));
  return archives.every((name) => run("dpkg", "-x", name, ".")) ? undefined : needed;
}
