// A server process with the sample tickets, on a data directory of its own.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Makes an admin in a new directory; returns the directory and the code that lets them in. */
export function inviteAdmin(program, id) {
  const data = mkdtempSync(join(tmpdir(), "docket-browser-"));
  const told = execFileSync(program, ["invite-admin", "--data", data, "--id", id], { encoding: "utf8" });
  return { data, code: told.match(/(?:[0-9A-Z]{5}-){4}[0-9A-Z]{5}/)[0] };
}

/** Without a directory, one where nobody signs in. */
export async function startServer(program, guarded) {
  const data = guarded ?? mkdtempSync(join(tmpdir(), "docket-browser-"));
  const open = guarded ? [] : ["--no-sign-in"];
  const child = spawn(program, ["serve", ...open, "--data", data, "--listen", "127.0.0.1:0", "--sample-tickets"], {
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
    /** Takes somebody on, unless they are there. */
    async hire(id, role) {
      const sent = JSON.stringify({ id, name: id, role });
      const head = { ...json, "docket-actor": "alma", "docket-role": "admin" };
      await fetch(`${url}/api/v1/staff`, { method: "POST", headers: head, body: sent });
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
