// The callback sender over real sockets keeps its contract.

import { callbackSenderContract } from "../../contracts/callback_sender_contract.ts";
import { refusedPort } from "../konsol/tcp_server.ts";
import { senderRig } from "./rig.ts";

callbackSenderContract("HttpCallbackSender", () => {
  const rig = senderRig();
  const bodies: string[] = [];
  let answer: { status: number; headers?: HeadersInit } = { status: 200 };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    bodies.push(await request.text());
    return new Response(null, answer);
  });
  return Promise.resolve({
    sender: rig.sender,
    receiver: {
      url: `http://127.0.0.1:${server.addr.port}/hook`,
      bodies,
      answers(status, seconds) {
        answer = { status, ...(seconds && { headers: { "Retry-After": String(seconds) } }) };
      },
    },
    deadUrl: `http://127.0.0.1:${refusedPort()}/hook`,
    async [Symbol.asyncDispose]() {
      rig.sender.close();
      await server.shutdown();
    },
  });
});
