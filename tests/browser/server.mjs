// A server process with the sample tickets, on a data directory of its own.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export async function startServer(program) {
  const data = mkdtempSync(join(tmpdir(), "docket-browser-"));
  const child = spawn(program, ["serve", "--no-sign-in", "--data", data, "--listen", "127.0.0.1:0", "--sample-tickets"], {
    stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, DOCKET_LOG: "error" },
  });
  const url = await new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      const address = line.match(/listening on (http:\/\/\S+)/);
      if (address) resolve(address[1]);
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const json = { "content-type": "application/json" };
  return {
    url,
    async openTicket(subject, body) {
      const sent = JSON.stringify({ requester: { id: "noor" }, subject, body });
      const answer = await fetch(`${url}/api/v1/tickets`, { method: "POST", headers: json, body: sent });
      const { ticket, position } = await answer.json();
      await fetch(`${url}/api/v1/tickets/${ticket}?at_least=${position}`);
      return ticket;
    },
    async ticket(number) {
      const head = (await (await fetch(`${url}/api/v1/events?after=0&limit=1`)).json()).head;
      return (await fetch(`${url}/api/v1/tickets/${number}?at_least=${head}`)).json();
    },
    stop() {
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      rmSync(data, { recursive: true, force: true });
    },
  };
}
