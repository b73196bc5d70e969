import { AtSign, X } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Box } from "../api/queries";
import type { Agent } from "../api/types";
import { isActive, roleOf, stateOf } from "../lib/agents";
import { plainName } from "../lib/text";
import { AgentProfile } from "./AgentProfile";
import { AgentTerminal } from "./AgentTerminal";
import { Avatar } from "./Avatar";
import { MessageBox } from "./MessageBox";
import { ScheduleForm } from "./ScheduleForm";
import { StateDot } from "./StateDot";

type Props = {
  fleetId: number;
  agent: Agent;
  isHeard: boolean;
  isWide: boolean;
  onWide: (isWide: boolean) => void;
  /** Set when the panel was opened by a key: then it takes the focus, once. */
  takeFocusRef: RefObject<boolean>;
  onClose: () => void;
  onWrite: (() => void) | null;
};

const BOXES: { box: Box; name: string }[] = [
  { box: "inbox", name: "Inbox" },
  { box: "sent", name: "Sent" },
];

/** All that is known of one agent. */
export function AgentPanel({ fleetId, agent, isHeard, isWide, onWide, takeFocusRef, onClose, onWrite }: Props) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takeFocusRef.current) panel.current?.focus();
    takeFocusRef.current = false;
  }, [takeFocusRef]);
  const [shown, setShown] = useState<Box>("inbox");
  const state = stateOf(agent);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={`Agent ${plainName(agent.name)}`}
      className={`fixed inset-y-0 right-0 z-20 flex w-full flex-col overflow-y-auto border-l border-line bg-surface sm:shadow-2xl ${
        isWide ? "sm:w-[min(90vw,90rem)]" : "sm:w-[25rem] xl:static xl:z-auto xl:shadow-none"
      }`}
    >
      <div
        role="presentation"
        className="contents"
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.defaultPrevented) return;
          event.preventDefault();
          onClose();
        }}
      >
        <div className="sticky top-0 z-10 flex items-center gap-3 border-b border-line bg-surface px-4 py-3">
          <Avatar id={agent.agent_id} name={agent.name} />
          <div className="min-w-0 flex-1 leading-tight">
            <h2 className="truncate font-semibold">
              <bdi>{plainName(agent.name)}</bdi> <span className="font-normal text-muted">#{agent.agent_id}</span>
            </h2>
            <p className="mt-0.5 flex items-center gap-2 text-2xs text-muted">
              {roleOf(agent)}
              {!isActive(agent) && " · deregistered"}
              {state && <StateDot state={state} />}
            </p>
          </div>
          {onWrite && (
            <button
              type="button"
              className="icon-button"
              aria-label={`Write to ${plainName(agent.name)}`}
              onClick={onWrite}
            >
              <AtSign size={17} aria-hidden />
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Close the panel" onClick={onClose}>
            <X size={17} aria-hidden />
          </button>
        </div>
        {isActive(agent) && agent.placement && (
          <AgentTerminal fleetId={fleetId} agent={agent} isHeard={isHeard} isWide={isWide} onWide={onWide} />
        )}
        {!isActive(agent) && (
          <p role="status" className="border-b border-line bg-raised px-4 py-2 text-xs">
            It has left the fleet: it has no screen any more, and nothing is typed into it.
          </p>
        )}
        <AgentProfile agent={agent} />
        {agent.monitor && <ScheduleForm fleetId={fleetId} agentId={agent.agent_id} schedule={agent.monitor} />}
        <div
          role="tablist"
          aria-label="Messages of the agent"
          className="flex flex-none gap-4 border-b border-line px-4 pt-2"
        >
          {BOXES.map(({ box, name }) => (
            <button
              key={box}
              type="button"
              role="tab"
              id={`tab-${box}`}
              aria-selected={box === shown}
              aria-controls="box"
              tabIndex={box === shown ? 0 : -1}
              className={`-mb-px border-b-2 px-1 pb-1.5 font-medium ${
                box === shown ? "border-accent" : "border-transparent text-muted hover:text-ink"
              }`}
              onClick={() => setShown(box)}
              onKeyDown={(event) => {
                if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
                const other = box === "inbox" ? "sent" : "inbox";
                setShown(other);
                document.getElementById(`tab-${other}`)?.focus();
              }}
            >
              {name}
            </button>
          ))}
        </div>
        <div role="tabpanel" id="box" aria-labelledby={`tab-${shown}`} className="min-h-40">
          <MessageBox
            key={`${agent.agent_id} ${shown}`}
            fleetId={fleetId}
            agentId={agent.agent_id}
            box={shown}
            isOfPerson={agent.kind === "builtin-administrator"}
          />
        </div>
      </div>
    </aside>
  );
}
