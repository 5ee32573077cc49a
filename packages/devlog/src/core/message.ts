/*
 * What a syslog datagram says, and the line that is made of it. Text is one character for each byte, so that nothing of
 * what is not UTF-8 is lost.
 */

/** Source: RFC 5424, table 1; 12 to 15 by the names that loggers use. */
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
  /** Who speaks and what, as `cron[12]: text`; without time and host, which the reader of a container's output has already. */
  readonly text: string;
}

/**
 * Parses a datagram: RFC 5424 (`<30>1 TIME HOST APP PROCID MSGID [DATA] text`), RFC 3164 as the C library
 * writes it (`<30>Nov 21 15:44:38 cron[12]: text`), with a time of RFC 3339 or none, or just a text.
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

/** The line for a message: always one, whatever it holds. */
export function renderLine({ facility, severity, text }: Message): string {
  return `${facility}.${severity}: ${text.replace(controls, escaped)}\n`;
}

/** `Nov  1 15:44:38 `, or a time of RFC 3339 as some write it in its place. */
const time = /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) /;

/** Version, time, host, application, process id, message id; then `-` or structured data, in which `\]` ends nothing. */
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

// All but the tabulator: nobody who may log may forge a line of somebody else's, or move a terminal's cursor.
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\x00-\x08\x0a-\x1f\x7f]/g;

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
