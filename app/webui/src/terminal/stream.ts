import { socketAddress } from "../api/address";
import { ApiError, ask, reason } from "../api/client";
import { frames, readFrame, streamPath } from "./protocol";

/** How a pane is followed. */
export type PaneConnection =
  | { state: "connecting" }
  | { state: "live" }
  /** Tried again soon. */
  | { state: "waiting"; reason: string }
  /** Over, until something about the agent changes. */
  | { state: "ended"; reason: string };

type Listener = {
  onConnection: (connection: PaneConnection) => void;
  /** What makes an empty screen of this size show the pane. */
  onSnapshot: (columns: number, rows: number, bytes: Uint8Array) => void;
  /** Further output; false when it cannot be followed, and a snapshot would be quicker. */
  onOutput: (bytes: Uint8Array) => boolean;
  onTitle: (title: string) => void;
};

export type PaneStream = { send: (bytes: Uint8Array) => void; stop: () => void };

const RETRY_FIRST = 500;
const RETRY_LAST = 10_000;

/**
 * Follows the screen of a pane until it is told to stop, over breaks and restarts of the server. With a token it also
 * takes input, and is over when the connection is: a token is good for one.
 */
export function followPane(fleetId: number, agentId: number, token: string | null, listener: Listener): PaneStream {
  const path = streamPath(fleetId, agentId, token);
  let socket: WebSocket | null = null;
  let isOver = false;
  let retry = RETRY_FIRST;
  let retryTimer = 0;

  const drop = () => {
    const dropped = socket;
    socket = null;
    dropped?.close();
  };
  const stop = () => {
    isOver = true;
    window.clearTimeout(retryTimer);
    document.removeEventListener("visibilitychange", seen);
    drop();
  };
  const end = (why: string) => {
    stop();
    listener.onConnection({ state: "ended", reason: why });
  };
  const again = (why: string) => {
    if (token !== null) return end(why);
    listener.onConnection({ state: "waiting", reason: why });
    window.clearTimeout(retryTimer);
    retryTimer = window.setTimeout(open, retry);
    retry = Math.min(retry * 2, RETRY_LAST);
  };
  const open = () => {
    if (isOver) return;
    drop();
    const opened = new WebSocket(socketAddress(path));
    opened.binaryType = "arraybuffer";
    socket = opened;
    let size: { columns: number; rows: number } | null = null;
    let hasOpened = false;
    opened.onopen = () => (hasOpened = true);
    opened.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== opened) return;
      if (typeof data !== "string") {
        const bytes = new Uint8Array(data);
        if (size) {
          listener.onSnapshot(size.columns, size.rows, bytes);
          size = null;
          retry = RETRY_FIRST;
          listener.onConnection({ state: "live" });
        } else if (!listener.onOutput(bytes)) {
          drop();
          again("too much output to follow");
        }
        return;
      }
      const told = readFrame(data);
      if (told?.type === "snapshot") size = told;
      else if (told?.type === "title") listener.onTitle(told.title);
      else if (told?.type === "ended") end(told.reason);
      else if (told?.type === "error") {
        drop();
        again(told.message);
      }
    };
    opened.onclose = async () => {
      if (socket !== opened) return;
      socket = null;
      if (hasOpened) return again("the connection broke");
      const refusal = await refused(path);
      if (isOver || socket) return;
      if (refusal.isFinal) end(refusal.why);
      else again(refusal.why);
    };
  };
  const seen = () => {
    if (token !== null) return;
    window.clearTimeout(retryTimer);
    // a tab that nobody sees draws nothing, and what it does not draw piles up in it
    if (document.hidden) {
      drop();
      listener.onConnection({ state: "connecting" });
    } else if (!socket) open();
  };

  document.addEventListener("visibilitychange", seen);
  listener.onConnection({ state: "connecting" });
  if (token !== null || !document.hidden) open();
  return {
    send: (bytes) => {
      if (socket?.readyState !== WebSocket.OPEN) return;
      for (const frame of frames(bytes)) socket.send(frame);
    },
    stop,
  };
}

/** Why a stream was not opened: a browser does not tell, so the same is asked in a way whose answer can be read. */
async function refused(path: string): Promise<{ why: string; isFinal: boolean }> {
  try {
    await ask(path);
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    // that there is no pane, or no such agent; all else may be over in a moment
    if ([403, 404, 409].includes(status)) return { why: reason(error), isFinal: true };
    if (status === 0 || status >= 500) return { why: reason(error), isFinal: false };
  }
  return { why: "the connection could not be opened", isFinal: false };
}
