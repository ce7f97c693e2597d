// Programs that the test starts, each with a log in its folder. They are ended by their id when the test ends.
import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const running = new Set();
let isEnding = false;

export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export const start = (folder, name, command, environment = {}) => {
  if (isEnding) throw new Error(`${name} is not started: the test ends`);
  const log = `${folder}/${name}.log`;
  const output = openSync(log, "a");
  const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...environment }, stdio: ["ignore", output, output] });
  const program = { name, log, child, hasEnded: false };
  child.on("error", () => (program.hasEnded = true));
  child.on("exit", () => {
    program.hasEnded = true;
    running.delete(program);
  });
  running.add(program);
  return program;
};

// Waits until the program answers on its URL with a status below 500.
export const ready = async (program, url, seconds = 60) => {
  for (const end = Date.now() + seconds * 1e3; Date.now() < end && !program.hasEnded; await sleep(100)) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer && answer.status < 500) return program;
  }
  throw new Error(`${program.name} is not ready:\n${readFileSync(program.log, "utf8").slice(-4000)}`);
};

export const stop = async (program) => {
  program.child.kill("SIGTERM");
  for (let tries = 0; tries < 50 && !program.hasEnded; tries += 1) await sleep(100);
  if (!program.hasEnded) program.child.kill("SIGKILL");
};

export const stopAll = () => {
  isEnding = true;
  return Promise.all([...running].map(stop));
};

// Stops the programs also when this process is ended from outside, or by an error that nobody caught.
export const stopAllAtTheEnd = () => {
  let ending;
  const end = (why) => {
    console.error(why);
    ending ??= stopAll().finally(() => process.exit(1));
  };
  ["SIGINT", "SIGTERM", "SIGHUP", "uncaughtException", "unhandledRejection"].forEach((event) => process.on(event, end));
  process.on("exit", () => running.forEach(({ child }) => child.kill("SIGKILL")));
};
