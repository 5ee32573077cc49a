import type { Exchange } from "./handler.ts";
import { respond, respondError } from "./respond.ts";

/** Sends a file of the page. They are part of the program: no path leads out of it. */
export async function sendAsset({ request, response }: Exchange, path: string): Promise<void> {
  const { assets } = await import("#page");
  const asset = Object.hasOwn(assets, path) ? assets[path] : undefined;
  if (asset === undefined) {
    respondError(response, "not-found", "there is nothing of this name");
    return;
  }
  const { type, content, hash, isImmutable } = asset;
  const tag = `"${hash}"`;
  const headers = {
    "Content-Type": type,
    ETag: tag,
    "Cache-Control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (request.headers["if-none-match"] === tag) respond(response, 304, headers);
  else respond(response, 200, headers, Buffer.from(content, "base64"));
}
