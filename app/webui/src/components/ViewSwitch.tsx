import { MessagesSquare, SquareTerminal } from "lucide-react";
import { fleetHref, type View } from "../lib/route";

const VIEWS = [
  { view: "messages", name: "Messages", Icon: MessagesSquare },
  { view: "terminals", name: "Terminals", Icon: SquareTerminal },
] as const;

/** Chooses what of the fleet is in the middle. */
export function ViewSwitch({ fleetId, view, agentId }: { fleetId: number; view: View; agentId: number | null }) {
  return (
    <nav aria-label="View" className="flex flex-none rounded-lg bg-raised p-0.5">
      {VIEWS.map(({ view: other, name, Icon }) => (
        <a
          key={other}
          href={fleetHref(fleetId, agentId, other)}
          aria-label={name}
          aria-current={other === view ? "page" : undefined}
          title={`${name} (t)`}
          className={`flex h-7 items-center gap-1.5 rounded-md px-2 ${
            other === view ? "bg-surface font-medium shadow-sm" : "text-muted hover:text-ink"
          }`}
        >
          <Icon size={15} aria-hidden />
          <span className="hidden md:inline">{name}</span>
        </a>
      ))}
    </nav>
  );
}
