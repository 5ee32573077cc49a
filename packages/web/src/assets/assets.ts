import type { Assets } from "../core/asset.ts";

const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Upkeep</title>
<p>The services are at <a href="api/v1/services">api/v1/services</a>.</p>
</html>
`;

/** The files of the page. They are loaded when somebody asks for the first one. */
export const assets: Assets = {
  "/": {
    type: "text/html; charset=utf-8",
    content: Buffer.from(page).toString("base64"),
    hash: "plain",
    isImmutable: false,
  },
};
