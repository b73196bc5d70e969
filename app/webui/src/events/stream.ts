import { socketAddress } from "../api/address";
import type { Told } from "../api/types";

/** How sure the page is that it shows what is so. */
export type Connection =
  | { state: "connecting" }
  | { state: "live" }
  | { state: "reconnecting"; since: number }
  | { state: "stale"; since: number };

type Listener = {
  onEvent: (told: Told) => void;
  onConnection: (connection: Connection) => void;
};

/** What the server sends: an event, or that it is there. */
type Frame = (Told & { id: string | null }) | { event: "alive" };

/** How long a break is called reconnecting before what is shown is called stale. */
const STALE_AFTER = 8_000;
const RETRY_FIRST = 500;
const RETRY_LAST = 10_000;
/** The server says every 5 s that it is there: one that says nothing for so long hangs, or the connection does. */
const SILENCE = 12_000;
const LOOK_EVERY = 2_000;

/**
 * Follows the events of a fleet until it is told to stop, also in a tab that nobody sees; returns how to tell. By a
 * WebSocket: of other connections a browser allows six to a server, for all tabs together.
 */
export function follow(fleetId: number, listener: Listener): () => void {
  let socket: WebSocket | null = null;
  let last: string | null = null;
  let isLive = false;
  let retry = RETRY_FIRST;
  let lostAt: number | null = null;
  let retryTimer = 0;
  let staleTimer = 0;
  let heardAt = Date.now();

  const heard = () => {
    heardAt = Date.now();
    if (isLive) return;
    isLive = true;
    retry = RETRY_FIRST;
    window.clearTimeout(staleTimer);
    lostAt = null;
    listener.onConnection({ state: "live" });
  };
  const lost = () => {
    isLive = false;
    if (lostAt !== null) return;
    lostAt = Date.now();
    const since = lostAt;
    listener.onConnection({ state: "reconnecting", since });
    staleTimer = window.setTimeout(() => listener.onConnection({ state: "stale", since }), STALE_AFTER);
  };
  const drop = () => {
    const dropped = socket;
    socket = null;
    dropped?.close();
  };
  const open = () => {
    window.clearTimeout(retryTimer);
    drop();
    heardAt = Date.now();
    const continued = last === null ? "" : `&last_event_id=${encodeURIComponent(last)}`;
    const opened = new WebSocket(socketAddress(`/api/events/stream?fleet_id=${fleetId}${continued}`));
    socket = opened;
    opened.onmessage = ({ data }: MessageEvent<string>) => {
      if (socket !== opened) return;
      const frame = JSON.parse(data) as Frame;
      heard();
      if (frame.event === "alive") return;
      last = frame.id ?? last;
      listener.onEvent(frame);
    };
    opened.onclose = () => {
      if (socket !== opened) return;
      socket = null;
      lost();
      retryTimer = window.setTimeout(open, retry);
      retry = Math.min(retry * 2, RETRY_LAST);
    };
  };
  const look = () => {
    if (!socket || Date.now() - heardAt < SILENCE) return;
    lost();
    open();
  };
  // timers of a tab that nobody sees, and of a machine that sleeps, are late
  const seen = () => {
    if (!socket) open();
    else look();
  };

  listener.onConnection({ state: "connecting" });
  open();
  const lookTimer = window.setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("online", seen);
  return () => {
    for (const timer of [retryTimer, staleTimer]) window.clearTimeout(timer);
    window.clearInterval(lookTimer);
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("online", seen);
    drop();
  };
}
