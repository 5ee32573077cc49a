/*
 * What a syslog datagram says, and the line for it. Text has one character for each byte, so that bytes that are not
 * UTF-8 survive.
 */

/** Source: RFC 5424, table 1. 12 to 15 have the names that loggers use. */
const facilities = (
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock " +
  "local0 local1 local2 local3 local4 local5 local6 local7"
).split(" ");

/** Source: RFC 5424, table 2. */
const severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

/** A message without a priority is user.notice (RFC 3164, 4.3.3). */
const defaultPriority = 13;

/** A parsed datagram. */
export interface Message {
  readonly facility: string;
  readonly severity: string;
  /** Sender and text, as `cron[12]: text`. Time and host are left out: whoever reads a container's output knows them. */
  readonly text: string;
}

/**
 * Parses a datagram. It may be RFC 5424 (`<30>1 TIME HOST APP PROCID MSGID [DATA] text`), RFC 3164 as the C library
 * writes it (`<30>Nov 21 15:44:38 cron[12]: text`), the same with a time of RFC 3339 or without time, or only text.
 */
export function parseMessage(datagram: string): Message {
  // glibc, perl and others send a line feed or a NUL at the end.
  const whole = datagram.replace(/[\n\0]+$/, "");
  const [head = "", digits = ""] = /^<(\d{1,3})>/.exec(whole) ?? [];
  const number = Number(digits);
  const isPriority = head !== "" && number < facilities.length * severities.length;
  const priority = isPriority ? number : defaultPriority;
  const rest = isPriority ? whole.slice(head.length) : whole;
  return {
    facility: facilities[priority >> 3] ?? "user",
    severity: severities[priority & 7] ?? "notice",
    text: modernText(rest) ?? rest.replace(time, ""),
  };
}

/** The line for a message: always one line, whatever is in it. */
export function renderLine({ facility, severity, text }: Message): string {
  return `${facility}.${severity}: ${text.replace(controls, escaped)}\n`;
}

/** `Nov  1 15:44:38 `, or a time of RFC 3339, which some write instead. */
const time = /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) /;

/** Version, time, host, application, process id, message id, then `-` or structured data. `\]` does not end the data. */
const modern = /^1 \S+ \S+ (\S+) (\S+) \S+ (-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: |$)/s;

const byteOrderMark = "\xef\xbb\xbf";

function modernText(text: string): string | null {
  const [head, application, process, data] = modern.exec(text) ?? [];
  if (head === undefined) return null;
  const who = application === "-" ? "" : `${application}${process === "-" ? "" : `[${process}]`}: `;
  const said = text.slice(head.length);
  const plain = said.startsWith(byteOrderMark) ? said.slice(byteOrderMark.length) : said;
  return `${who}${data === "-" ? "" : `${data} `}${plain}`;
}

// All but the tabulator, and the second range of them in UTF-8 too. A sender must not forge a line of another one, or move
// the cursor of a terminal.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\x00-\x08\x0a-\x1f\x7f]|\xc2[\x80-\x9f]/g;

function escaped(bytes: string): string {
  return Array.from(bytes, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
}
