/** How far the doorbell of a message has come. */
export type Delivery = { state: string; reason: string | null; updated_at: string };

/** A message to one agent. */
export type Message = {
  task_id: number;
  from_agent_id: number;
  from_agent_name: string;
  to_agent_id: number;
  to_agent_name: string;
  type: string;
  status: string;
  created_at: string;
  status_timestamp: string;
  origin_task_id: number | null;
  body: string;
  delivery: Delivery | null;
};

export type MessagePage = { messages: Message[]; next_cursor: string | null };

export type Schedule = { interval_seconds: number; last_ping_at: string | null; enabled: boolean };

export type Placement = Record<string, unknown>;

export type Agent = {
  agent_id: number;
  name: string;
  description: string;
  status: string;
  registered_at: string;
  kind: string;
  coding_agent: string | null;
  pane_id: string | null;
  monitor: Schedule | null;
  state: string | null;
  state_rule: string | null;
  pending_count: number;
  placement: Placement | null;
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
