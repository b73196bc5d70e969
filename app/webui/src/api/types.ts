/** How far the doorbell of a message has come. */
export type Delivery = { state: "none" | "pending" | "held" | "typed" | "submitted" | "failed"; reason: string | null; updated_at: string };

/** A message to one agent. */
export type Message = {
  task_id: number;
  from_agent_id: number;
  from_agent_name: string;
  to_agent_id: number;
  to_agent_name: string;
  type: "unicast" | "broadcast_summary";
  status: "input_required" | "completed" | "canceled";
  created_at: string;
  status_timestamp: string;
  origin_task_id: number | null;
  body: string;
  delivery: Delivery | null;
};

export type MessagePage = { messages: Message[]; next_cursor: number | null };

export type Schedule = { interval_seconds: number; last_ping_at: string | null; enabled: boolean };

export type Placement = {
  director_agent_id: number | null;
  multiplexer: string;
  tmux_session: string | null;
  tmux_window_id: string | null;
  tmux_pane_id: string | null;
  coding_agent: string;
  created_at: string;
};

export type Agent = {
  agent_id: number;
  name: string;
  description: string;
  status: "active" | "deregistered";
  registered_at: string;
  kind: "director" | "builtin-administrator" | "user";
  coding_agent: string | null;
  pane_id: string | null;
  monitor: Schedule | null;
  state: "at_rest" | "working" | "composing" | "asking" | "unknown" | "gone" | null;
  state_rule: string | null;
  state_since: string | null;
  pending_count: number;
  placement: Placement | null;
  skills: unknown[];
};

export type Fleet = {
  fleet_id: number;
  director_agent_id: number;
  label: string | null;
  created_at: string;
  agent_count: number;
};

export type Monitor = {
  running: boolean;
  pid: number | null;
  tick_seconds: number | null;
  last_tick_at: string | null;
  last_tick_age_seconds: number | null;
  started_at: string | null;
};
