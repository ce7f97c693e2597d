// PostGraphile in as many processes as WORKERS says: one of Node.js uses one core. The cluster module hands connections
// to them in turn. Prints a line when all of them listen.
import cluster from "node:cluster";
import { createServer } from "node:http";
import process from "node:process";

const workers = Number(process.env.WORKERS);

async function work() {
  const { postgraphile } = await import("postgraphile");
  const { grafserv } = await import("postgraphile/grafserv/node");
  const { default: preset } = await import("./graphile.config.mjs");
  const server = createServer();
  await postgraphile(preset).createServ(grafserv).addTo(server);
  server.listen(Number(process.env.PORT), "127.0.0.1");
}

function supervise() {
  let listening = 0;
  cluster.on("listening", () => {
    listening += 1;
    if (listening === workers) console.log("all workers listen");
  });
  // Fewer workers than cores would be measured as if they were all.
  cluster.on("exit", (worker, code) => {
    console.error(`worker ${worker.id} has ended with ${code}`);
    process.exit(1);
  });
  process.on("SIGTERM", () => process.exit(0));
  for (let number = 0; number < workers; number += 1) cluster.fork();
}

if (cluster.isPrimary) supervise();
else await work();
