/** A daemon that goes into the background unless an option keeps it from that. */
interface Daemon {
  /** Found in the arguments, behind a blank each, when it stays in the foreground. */
  readonly stays: RegExp;
  /** What to write. */
  readonly option: string;
}

const daemons: Readonly<Record<string, Daemon>> = {
  apache2: { stays: / -D ?(?:FOREGROUND|NO_DETACH)| -X/, option: "-DFOREGROUND" },
  httpd: { stays: / -D ?(?:FOREGROUND|NO_DETACH)| -X| -f/, option: "-DFOREGROUND" },
  acpid: { stays: / -[a-z]*[fd]| --(?:foreground|debug)/, option: "-f" },
  atd: { stays: / -[a-z]*[fd]/, option: "-f" },
  chronyd: { stays: / -[a-zA-Z0-9]*[dnqQ]/, option: "-d" },
  cron: { stays: / -[a-zA-Z]*f/, option: "-f" },
  crond: { stays: / -[a-zA-Z]*[fndx]/, option: "-f" },
  cupsd: { stays: / -[a-zA-Z]*[fFt]/, option: "-f" },
  dhcpd: { stays: / -[fdtT]\b/, option: "-f" },
  dnsmasq: { stays: / -[a-zA-Z]*[kd]| --(?:keep-in-foreground|no-daemon|test)/, option: "--keep-in-foreground" },
  dovecot: { stays: / -F/, option: "-F" },
  dropbear: { stays: / -[a-zA-Z]*F/, option: "-F" },
  exim: { stays: / -bdf| -d\b| -b[^d]/, option: "-bdf" },
  exim4: { stays: / -bdf| -d\b| -b[^d]/, option: "-bdf" },
  inetd: { stays: / -[a-z]*[dif]/, option: "-i" },
  lighttpd: { stays: / -[a-zA-Z]*D/, option: "-D" },
  named: { stays: / -[a-z0-9]*[fg]/, option: "-f" },
  nginx: { stays: / (?:-\w+ +)?[^ ]*daemon +off|daemon off| -[ct]/, option: `-g "daemon off;"` },
  nmbd: { stays: / -[a-zA-Z]*[Fi]| --(?:foreground|interactive)/, option: "-F" },
  ntpd: { stays: / -[a-zA-Z0-9]*[ndq]| --(?:nofork|quit)/, option: "-n" },
  proftpd: { stays: / -[a-z]*n| --nodaemon| --configtest| -t/, option: "-n" },
  rpcbind: { stays: / -[a-z]*[fd]/, option: "-f" },
  rsyslogd: { stays: / -[a-zA-Z]*[nN]/, option: "-n" },
  slapd: { stays: / -d/, option: "-d 0" },
  smbd: { stays: / -[a-zA-Z]*[Fi]| --(?:foreground|interactive)/, option: "-F" },
  squid: { stays: / -[a-zA-Z]*N| --foreground/, option: "--foreground" },
  sshd: { stays: / -[a-zA-Z46]*[Ddit]/, option: "-D" },
  syslogd: { stays: / -[a-zA-Z]*n/, option: "-n" },
  unbound: { stays: / -[a-z]*d/, option: "-d" },
  winbindd: { stays: / -[a-zA-Z]*[Fi]| --(?:foreground|interactive)/, option: "-F" },
};

/** What to write so that a daemon stays in the foreground; null where it does, or may: variables may hold the option. */
export function foregroundOf(program: string, args: readonly string[], script: string): string | null {
  const isFpm = /^php-fpm[\d.]*$/.test(program);
  const fpm: Daemon = { stays: / -[a-zA-Z]*[Ft]| --nodaemonize/, option: "--nodaemonize" };
  const daemon = isFpm ? fpm : Object.hasOwn(daemons, program) ? daemons[program] : undefined;
  const text = args.map((word) => ` ${word}`).join("");
  if (daemon === undefined || daemon.stays.test(text)) return null;
  // The option may be in a variable that the script sets, or in a file that it reads.
  if (/[$`]/.test(text) && (daemon.stays.test(script.replaceAll(/["'=]/g, " ")) || /^\s*(?:\.|source)\s/m.test(script)))
    return null;
  return `write ${program} ${daemon.option}`;
}

/** What to do about a command that has another program started in the background; null for other commands. */
export function startsAnother(program: string, args: readonly string[]): string | null {
  const text = ` ${args.join(" ")} `;
  const isInit =
    (program === "service" && text.includes(" start ")) || (program === "systemctl" && / (?:re)?start /.test(text));
  const isControl = ["pg_ctl", "apachectl", "apache2ctl"].includes(program) && text.includes(" start ");
  const isPostfix = program === "postfix" && text.includes(" start ");
  const isStopDaemon = program === "start-stop-daemon" && /\s(?:-[A-Za-z]*b|--background)\s/.test(text);
  if (isPostfix) return "write postfix start-fg";
  return isInit || isControl || isStopDaemon ? "start the daemon itself, in the foreground" : null;
}
