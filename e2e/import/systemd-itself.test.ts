/*
 * The same units under systemd and, after an import, under ours, in one container: what each program sees of its
 * arguments, variables, user, directory, limits and order is the same.
 */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { FileTree } from "../rig/core/file-tree.ts";
import { packagesFailure } from "../rig/container/packaged-image.ts";
import { inits } from "../rig/container/inits-image.ts";
import { PodmanContainer } from "../rig/container/podman.ts";
import { standalone } from "../rig/core/suites.ts";

const needs = await packagesFailure(inits);

/** Writes what it sees into /seen, as one text, and then does as it is told. */
const witness = [
  `perl -MPOSIX -e 'my @v = map { defined $ENV{$_} ? "$_=$ENV{$_}" : "no $_" } qw(A B C D HOME USER LOGNAME);`,
  `  my $umask = sprintf "%o", umask; my $nice = getpriority(0, 0); my $groups = join ",", sort { $a <=> $b } split " ", $);`,
  `  my $cwd = POSIX::getcwd(); my $files = qx(sh -c "ulimit -Sn"); chomp $files; print join("\\n", (map "[$_]", @ARGV), @v, "uid $<", "groups $groups", "umask $umask", "nice $nice", "cwd $cwd", "files $files"), "\\n"' -- "$@" >"/seen/.$1" && mv "/seen/.$1" "/seen/$1"`,
  "case $1 in job*) exit 0 ;; esac",
  "exec sleep 86400",
];

/** Units by name, all of which run /witness with their name as the first argument. */
const units: Readonly<Record<string, string>> = {
  "plain.service": "[Service]\nExecStart=/witness plain\n",
  "words.service": [
    "[Service]",
    `Environment="A=one two" 'B=it is "three"' C=a\\x20b D=\\\\`,
    `ExecStart=/witness words "double quotes" 'single $$A' back\\x2dslash a\\tb "" '' $A \${A} x\${B}y $NONE \${NONE} 100%%`,
    "",
  ].join("\n"),
  "continued.service": "[Service]\nExecStart=/witness continued one \\\n# a comment in between\n  two \\\n  three\n",
  "user.service":
    "[Service]\nUser=games\nGroup=daemon\nSupplementaryGroups=mail news\nWorkingDirectory=/var\nUMask=0077\nExecStart=/witness user\n",
  "login.service": "[Service]\nUser=daemon\nWorkingDirectory=~\nExecStart=/witness login\n",
  "limits.service": "[Service]\nLimitNOFILE=512\nNice=19\nExecStart=/witness limits\n",
  "file.service":
    "[Service]\nEnvironment=A=unit C=unit\nEnvironmentFile=/environment\nEnvironmentFile=-/missing\nExecStart=/witness file $A $B ${B}\n",
  "instance@.service": "[Service]\nEnvironment=A=%i B=%n C=%p D=%%\nExecStart=/witness instance %i %I %N\n",
  "instance@one-two.service.d/more.conf": "[Service]\nExecStart=\nExecStart=/witness instance again %i\n",
  "unset.service": "[Service]\nEnvironment=A=1 B=2\nUnsetEnvironment=B\nExecStart=/witness unset\n",
  "pre.service":
    "[Service]\nEnvironment=A=1\nExecStartPre=-/bin/false\nExecStartPre=/bin/sh -c 'echo B=$A >/tmp/pre'\nEnvironmentFile=-/tmp/none\nExecStart=/bin/sh -c '/witness pre $$(cat /tmp/pre)'\n",
  "job.service":
    "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/witness job first\nExecStart=/witness job2 second\n",
};

/** The units that are started. */
const started = [
  "plain",
  "words",
  "continued",
  "user",
  "login",
  "limits",
  "file",
  "instance@one-two",
  "unset",
  "pre",
  "job",
];
/** The files that their programs write. */
const written = [...started.map((name) => name.replace(/@.*/, "")), "job2"];

rigTest(
  "programs see the same under systemd and after the import",
  [standalone],
  async (rig) => {
    const tree = new FileTree(rig, "files");
    tree.script("witness", ...witness).file("environment", "# a comment\nA=file\nB='two words'\n");
    for (const [name, text] of Object.entries(units)) tree.file(`units/${name}`, text);
    const mounts = [
      `${standalone.bin}:/usr/local/bin:ro`,
      `${tree.inside("units")}:/etc/systemd/system:ro`,
      `${tree.inside("witness")}:/witness:ro`,
      `${tree.inside("environment")}:/environment:ro`,
    ];
    await using container = await PodmanContainer.run(rig, inits.name, {
      flags: [...mounts.flatMap((mount) => ["--volume", mount]), "--systemd=always", "--cap-add", "SYS_ADMIN"],
      command: ["/lib/systemd/systemd"],
    });
    const run = async (command: string): Promise<string> => {
      const { code, stdout, stderr } = await container.exec(["sh", "-c", command]);
      expect([command, code, stderr]).toEqual([command, 0, expect.anything()]);
      return stdout;
    };
    /** What all of them have seen. */
    const seen = async (): Promise<Readonly<Record<string, string>>> => {
      const files = written.map((name) => `/seen/${name}`).join(" ");
      await rig.until("all programs", async () => (await container.exec(["sh", "-c", `ls ${files}`])).code === 0);
      const texts = await Promise.all(written.map(async (name) => [name, await run(`cat /seen/${name}`)] as const));
      return Object.fromEntries(texts);
    };
    await rig.until("a host that has booted", async () => {
      return (await container.exec(["systemctl", "is-system-running", "--wait"])).code === 0;
    });
    await run("mkdir -m 1777 /seen");
    await run(
      `systemctl start ${started.join(" ")} || { systemctl status --no-pager ${started.join(" ")} >&2; exit 1; }`,
    );
    const theirs = await seen();
    await run(`systemctl stop ${started.join(" ")}; rm -f /seen/*`);

    const paths = started.map((name) => `/etc/systemd/system/${name}.service`).join(" ");
    await run(`upkeep import --to /service ${paths}`);
    // From systemd, so that both begin with the same variables, limits and mask.
    await run("systemd-run --unit=ours --property=KillMode=process runsvdir --inline /service");
    const ours = await seen();
    expect(ours).toEqual(theirs);
  },
  { needs },
);
