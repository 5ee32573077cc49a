// A web server that says which process answers. Ask it twice, with 'sv restart web' in between.

import { createServer } from "node:http";

const port = Number(process.argv[2]);

const server = createServer((request, response) => {
  console.log(`${request.method} ${request.url}`);
  response.end(`Hello from process ${process.pid}, up for ${Math.round(process.uptime())} s.\n`);
});

server.on("error", (error) => {
  console.error(`unable to listen on port ${port}: ${error.code}`);
  process.exitCode = 1;
});
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}/`));

// 'sv down' and 'sv restart' send TERM: answer open requests, then end.
process.on("SIGTERM", () => {
  console.log("stopping");
  server.close();
  server.closeIdleConnections();
});
