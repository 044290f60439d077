import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { startTestApp } from "./test-app.js";
import type { TestApp, TestAppOptions } from "./test-app.js";

/** The service with a model, on a real socket of loopback. */
export interface ListeningApp extends TestApp {
  port: number;
  /** A connection, on which nothing is sent yet. */
  open(): Promise<Socket>;
}

/** Start it; stop it after the tests. */
export async function startListeningApp(options: TestAppOptions = {}): Promise<ListeningApp> {
  const service = await startTestApp(options);
  await service.storage.putModel();
  await service.refresh();
  const port = Number(new URL(await service.app.listen({ host: "127.0.0.1", port: 0 })).port);
  const open = async (): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1").setEncoding("utf8");
    await once(socket, "connect");
    return socket;
  };
  return { ...service, port, open };
}
