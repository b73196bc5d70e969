import type { Agent, Message } from "../api/types";

/** A message for tests, at noon of a day, a second later for each id. */
export function message(id: number, change: Partial<Message> = {}): Message {
  const time = new Date(Date.UTC(2026, 3, 15, 12, 0, id)).toISOString();
  return {
    task_id: id,
    from_agent_id: 1,
    from_agent_name: "Director",
    to_agent_id: 3,
    to_agent_name: "Ada",
    type: "unicast",
    status: "input_required",
    created_at: time,
    status_timestamp: time,
    origin_task_id: null,
    body: `message ${id}`,
    notice: false,
    delivery: null,
    ...change,
  };
}

/** An agent for tests. */
export function agent(id: number, name: string, change: Partial<Agent> = {}): Agent {
  return {
    agent_id: id,
    name,
    description: "",
    status: "active",
    registered_at: "2026-04-15T10:00:00.000000+00:00",
    kind: "user",
    coding_agent: null,
    pane_id: null,
    monitor: null,
    state: null,
    state_rule: null,
    state_question: null,
    state_since: null,
    pending_count: 0,
    pending_since: null,
    stuck: null,
    placement: null,
    skills: [],
    ...change,
  };
}
