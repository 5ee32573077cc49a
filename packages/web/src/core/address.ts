/** Where the server listens. */
export type Listening =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly address: string; readonly port: number };

/**
 * Reads `ADDRESS:PORT`: an address of IPv4, one of IPv6 in brackets, or `localhost`, which is 127.0.0.1. Other names are
 * not looked up: what one leads to may change. Null where it is no such text.
 */
export function parseListen(text: string): Listening | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+|localhost)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, six, four, digits] = match;
  const port = Number(digits);
  if (port > 65_535) return null;
  if (six !== undefined) return six.includes(":") ? { kind: "tcp", address: six.toLowerCase(), port } : null;
  const address = four === "localhost" ? "127.0.0.1" : (four ?? "");
  return isIpv4(address) ? { kind: "tcp", address, port } : null;
}

/** Whether only processes of this machine can connect. */
export function isLoopback(address: string): boolean {
  return isIpv4(address) ? address.startsWith("127.") : /^[0:]*:0*1$/.test(address);
}

export function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
