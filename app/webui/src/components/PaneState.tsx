import type { PaneConnection } from "../terminal/stream";

type Props = { connection: PaneConnection; isHeard: boolean; isTyping?: boolean };

/** Whether a screen shows what is so now, and otherwise why not. */
export function PaneState({ connection, isHeard, isTyping = false }: Props) {
  const [colour, words] = said(connection, isHeard, isTyping);
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-muted">
      <span aria-hidden className={`size-2 flex-none rounded-full ${colour}`} />
      <span className="min-w-0 [overflow-wrap:anywhere]">{words}</span>
    </span>
  );
}

function said(connection: PaneConnection, isHeard: boolean, isTyping: boolean): [string, string] {
  switch (connection.state) {
    case "connecting":
      return ["bg-muted", "connecting"];
    case "waiting":
      return ["bg-warn", `tried again soon: ${connection.reason}`];
    case "ended":
      return ["bg-danger", `ended: ${connection.reason}`];
    case "live":
      if (!isHeard) return ["bg-warn", "not live: the server does not answer"];
      return isTyping ? ["bg-warn", "live, and you type"] : ["bg-ok", "live, read-only"];
  }
}
