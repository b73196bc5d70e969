import { address } from "../api/address";

/** How sure the page is that it shows what is so. */
export type Connection =
  | { state: "connecting" }
  | { state: "live" }
  | { state: "reconnecting"; since: number }
  | { state: "stale"; since: number };

/** The names of the events that the server sends. */
export const EVENTS = ["ready", "message", "status", "delivery", "agent", "monitor"] as const;
export type EventName = (typeof EVENTS)[number];

type Listener = {
  onEvent(name: EventName, data: string): void;
  onConnection(connection: Connection): void;
};

/** How long a break is called reconnecting before what is shown is called stale. */
const STALE_AFTER = 8_000;
const RETRY_FIRST = 500;
const RETRY_LAST = 10_000;
/** A browser allows six connections to a server, for all tabs together: one that nobody sees gives its own up. */
const HIDDEN_LIMIT = 120_000;
/** How often a server that tells nothing is asked whether it is still there: a connection may hang without breaking. */
const ASK_EVERY = 5_000;
/** How long it may take to answer that. */
const ANSWERS_WITHIN = 5_000;

/** Follows the events of a fleet until it is told to stop; returns how to tell. */
export function follow(fleetId: number, listener: Listener): () => void {
  let source: EventSource | null = null;
  let retry = RETRY_FIRST;
  let lostAt: number | null = null;
  let retryTimer = 0;
  let staleTimer = 0;
  let hiddenTimer = 0;
  let askTimer = 0;
  let heardAt = Date.now();

  const lost = () => {
    if (lostAt !== null) return;
    lostAt = Date.now();
    const since = lostAt;
    listener.onConnection({ state: "reconnecting", since });
    staleTimer = window.setTimeout(() => listener.onConnection({ state: "stale", since }), STALE_AFTER);
  };
  const open = () => {
    window.clearTimeout(retryTimer);
    source?.close();
    const opened = new EventSource(address(`/api/events?fleet_id=${fleetId}`));
    source = opened;
    opened.onopen = () => {
      heardAt = Date.now();
      retry = RETRY_FIRST;
      window.clearTimeout(staleTimer);
      lostAt = null;
      listener.onConnection({ state: "live" });
    };
    opened.onerror = () => {
      lost();
      // after a broken connection the browser tries again by itself, but not after an answer that is an error
      if (opened.readyState !== EventSource.CLOSED) return;
      retryTimer = window.setTimeout(open, retry);
      retry = Math.min(retry * 2, RETRY_LAST);
    };
    for (const name of EVENTS) {
      opened.addEventListener(name, (event: MessageEvent<string>) => {
        heardAt = Date.now();
        listener.onEvent(name, event.data);
      });
    }
  };
  const askWhetherItIsThere = async () => {
    const asked = source;
    if (document.hidden || asked?.readyState !== EventSource.OPEN || Date.now() - heardAt < ASK_EVERY) return;
    try {
      await fetch(address("/api/fleets"), { method: "HEAD", signal: AbortSignal.timeout(ANSWERS_WITHIN) });
    } catch {
      // what was heard meanwhile says more than an answer that did not come
      if (source !== asked || Date.now() - heardAt < ANSWERS_WITHIN) return;
      lost();
      open();
    }
  };
  const seen = () => {
    window.clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = window.setTimeout(() => {
        source?.close();
        lost();
      }, HIDDEN_LIMIT);
    } else if (!source || source.readyState === EventSource.CLOSED) open();
  };

  listener.onConnection({ state: "connecting" });
  open();
  askTimer = window.setInterval(() => void askWhetherItIsThere(), ASK_EVERY);
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("online", seen);
  return () => {
    for (const timer of [retryTimer, staleTimer, hiddenTimer]) window.clearTimeout(timer);
    window.clearInterval(askTimer);
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("online", seen);
    source?.close();
    source = null;
  };
}
