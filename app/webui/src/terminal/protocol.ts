/** What the server tells of a pane besides its output. */
export type Told =
  | { type: "snapshot"; columns: number; rows: number }
  | { type: "title"; title: string }
  | { type: "ended"; reason: string }
  | { type: "error"; message: string };

/** The largest frame of input that the server takes. */
const FRAME = 64 * 1024;
/** Larger than any pane is; what is larger is no size. */
const MOST_CELLS = 10_000;

/** The address of the stream of a pane; with a token, what is typed goes there. */
export function streamPath(fleetId: number, agentId: number, token: string | null): string {
  const query = new URLSearchParams({ fleet_id: String(fleetId) });
  if (token !== null) query.set("token", token);
  return `/api/panes/${agentId}/stream?${query}`;
}

/** Reads a frame of text; null when it is nothing that this page knows. */
export function readFrame(text: string): Told | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null || !("type" in said)) return null;
  const { type, columns, rows, title, reason, message } = said as Record<string, unknown>;
  if (type === "snapshot" && isLength(columns) && isLength(rows)) return { type, columns, rows };
  if (type === "title" && typeof title === "string") return { type, title };
  if (type === "ended" && typeof reason === "string") return { type, reason };
  if (type === "error" && typeof message === "string") return { type, message };
  return null;
}

function isLength(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= MOST_CELLS;
}

/** Cuts input into frames that the server takes. */
export function frames(bytes: Uint8Array): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += FRAME) cut.push(bytes.slice(from, from + FRAME));
  return cut;
}
