/** What every answer says to browsers. */
export const safetyHeaders: Readonly<Record<string, string>> = {
  // Nothing runs that this server has not sent as a file of its own, and nothing is loaded from elsewhere.
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};

/** Name of the cookie of a session. Cookies know no ports, so each port has its own. */
export function cookieName(port: string): string {
  return `upkeep-${port === "" ? "web" : port}`;
}

/** The value of a cookie in a `Cookie` header; null without. */
export function cookieIn(header: string, name: string): string | null {
  for (const part of header.split(";")) {
    const at = part.indexOf("=");
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** The token of an `Authorization` header; null without. */
export function bearerIn(header: string): string | null {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1] ?? null;
}
