import { Search, X } from "lucide-react";
import { type Ref, useState } from "react";
import type { Agent } from "../api/types";
import { type Filter, isEmpty, noFilter } from "../lib/filter";
import { plainName } from "../lib/text";

type Props = { ref: Ref<HTMLInputElement>; agents: Agent[]; filter: Filter; onChange: (filter: Filter) => void };

const STATES = [
  ["open", "not acknowledged"],
  ["held", "held"],
  ["submitted", "submitted"],
  ["failed", "failed"],
  ["acknowledged", "acknowledged"],
  ["canceled", "canceled"],
] as const;

/** Which messages are shown: by words, agent, state, or broadcasts alone. */
export function SearchBar({ ref, agents, filter, onChange }: Props) {
  const [areFiltersOpen, setFiltersOpen] = useState(false);
  const count = [filter.agentId !== null, filter.progress !== null, filter.broadcastsOnly].filter(Boolean).length;
  return (
    <div
      role="search"
      className="flex flex-none flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2"
    >
      <div className="relative min-w-40 flex-1 sm:max-w-sm">
        <Search size={15} aria-hidden className="absolute top-2 left-2.5 text-muted" />
        <input
          ref={ref}
          type="search"
          aria-label="Search messages and names"
          placeholder="Search messages and names"
          className="field w-full pl-8 [&::-webkit-search-cancel-button]:hidden"
          value={filter.text}
          onChange={(event) => onChange({ ...filter, text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            if (filter.text === "") event.currentTarget.blur();
            else onChange({ ...filter, text: "" });
          }}
        />
      </div>
      <button
        type="button"
        className="control"
        aria-expanded={areFiltersOpen}
        onClick={() => setFiltersOpen(!areFiltersOpen)}
      >
        Filters
        {count > 0 && <span className="rounded-full bg-accent px-1.5 text-2xs text-on-accent">{count}</span>}
      </button>
      {!isEmpty(filter) && (
        <button type="button" className="control" onClick={() => onChange(noFilter)}>
          <X size={14} aria-hidden />
          Clear
        </button>
      )}
      {areFiltersOpen && (
        <>
          <select
            aria-label="Agent"
            className="field max-w-44"
            value={filter.agentId ?? ""}
            onChange={({ target }) =>
              onChange({ ...filter, agentId: target.value === "" ? null : Number(target.value) })
            }
          >
            <option value="">any agent</option>
            {agents.map((agent) => (
              <option key={agent.agent_id} value={agent.agent_id}>
                {plainName(agent.name)} #{agent.agent_id}
              </option>
            ))}
          </select>
          <select
            aria-label="State"
            className="field"
            value={filter.progress ?? ""}
            onChange={({ target }) =>
              onChange({ ...filter, progress: STATES.find(([state]) => state === target.value)?.[0] ?? null })
            }
          >
            <option value="">any state</option>
            {STATES.map(([state, name]) => (
              <option key={state} value={state}>
                {name}
              </option>
            ))}
          </select>
          <label className="flex min-h-8 items-center gap-1.5">
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={filter.broadcastsOnly}
              onChange={({ target }) => onChange({ ...filter, broadcastsOnly: target.checked })}
            />
            broadcasts only
          </label>
        </>
      )}
    </div>
  );
}
