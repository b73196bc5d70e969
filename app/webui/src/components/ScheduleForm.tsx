import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { reason } from "../api/client";
import { keys, saveSchedule } from "../api/queries";
import type { Agent, Schedule } from "../api/types";
import { Age } from "./Age";

type Props = { fleetId: number; agentId: number; schedule: Schedule };

/** When an agent is woken, to be read and changed. */
export function ScheduleForm({ fleetId, agentId, schedule }: Props) {
  const client = useQueryClient();
  // what was typed; null shows what the server has
  const [interval, setInterval] = useState<string | null>(null);
  const [enabled, setEnabled] = useState<boolean | null>(null);
  const save = useMutation({
    mutationFn: (body: { interval_seconds: number; enabled: boolean }) => saveSchedule(fleetId, agentId, body),
    onSuccess: (saved) => {
      const { interval_seconds, enabled, last_ping_at } = saved;
      client.setQueryData<Agent[]>(keys.agents(fleetId), (agents) =>
        agents?.map((agent) =>
          agent.agent_id === agentId ? { ...agent, monitor: { interval_seconds, enabled, last_ping_at } } : agent,
        ),
      );
      setInterval(null);
      setEnabled(null);
    },
  });
  const shown = interval ?? String(schedule.interval_seconds);
  const isOn = enabled ?? schedule.enabled;
  const isChanged = shown !== String(schedule.interval_seconds) || isOn !== schedule.enabled;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ interval_seconds: Number(shown), enabled: isOn });
  };
  return (
    <form className="flex-none space-y-2 border-b border-line px-4 py-3 text-xs" noValidate onSubmit={submit}>
      <div className="flex items-center gap-3">
        <label className="flex items-center gap-2">
          <span className="text-muted">Woken every</span>
          <input
            inputMode="numeric"
            className="field w-20 text-right tabular-nums"
            value={shown}
            onChange={({ target }) => {
              setInterval(target.value.trim());
              save.reset();
            }}
          />
          <span className="text-muted">s</span>
        </label>
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            role="switch"
            className="size-4 accent-(--accent)"
            checked={isOn}
            onChange={({ target }) => {
              setEnabled(target.checked);
              save.reset();
            }}
          />
          on
        </label>
        <button type="submit" className="control ml-auto" disabled={!isChanged || save.isPending}>
          Save
        </button>
      </div>
      <p className="flex min-h-4 justify-between gap-3 text-muted">
        <span>
          {schedule.last_ping_at ? (
            <>
              Last woken <Age since={schedule.last_ping_at} /> ago
            </>
          ) : (
            "Never woken"
          )}
        </span>
        <span role="status" className={save.isError ? "text-danger" : "text-ok"}>
          {save.isError && `Not saved: ${reason(save.error)}`}
          {save.isSuccess && "Saved"}
        </span>
      </p>
    </form>
  );
}
