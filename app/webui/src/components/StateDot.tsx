import { STATE_NAMES, type AgentState } from "../lib/agents";

const COLOURS: Record<AgentState, string> = {
  at_rest: "bg-ok",
  working: "bg-info pulse-soft",
  composing: "bg-info",
  asking: "bg-warn",
  unknown: "bg-transparent ring-2 ring-inset ring-warn",
  gone: "bg-danger",
};

/** A dot and a word for what an agent is doing. */
export function StateDot({ state }: { state: AgentState }) {
  return (
    <span className="inline-flex items-center gap-1 whitespace-nowrap">
      <span aria-hidden className={`size-2 flex-none rounded-full ${COLOURS[state]}`} />
      {STATE_NAMES[state]}
    </span>
  );
}
