import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../api/client";
import { agentsQuery, fleetsQuery } from "../api/queries";
import type { Agent } from "../api/types";
import { AgentPanel } from "../components/AgentPanel";
import { AttentionStrip } from "../components/AttentionStrip";
import type { ComposerHandle } from "../components/Composer";
import { ConnectionState } from "../components/ConnectionState";
import { Conversation } from "../components/Conversation";
import { Header } from "../components/Header";
import { MonitorLight } from "../components/MonitorLight";
import { Shortcuts } from "../components/Shortcuts";
import { Sidebar } from "../components/Sidebar";
import { Skeleton } from "../components/Skeleton";
import { TerminalGrid } from "../components/TerminalGrid";
import { Trouble } from "../components/Trouble";
import type { Place } from "../components/Timeline";
import { ViewSwitch } from "../components/ViewSwitch";
import type { Connection } from "../events/stream";
import { useFleetEvents } from "../events/useFleetEvents";
import { administratorOf, concerns, inOrder, isActive } from "../lib/agents";
import { tokenOf } from "../lib/mention";
import { fleetHref, fleetsHref, type View } from "../lib/route";
import { plainName } from "../lib/text";
import { useModal } from "../lib/useModal";
import { useShortcuts } from "../lib/useShortcuts";
import { useTabTitle } from "../lib/useTabTitle";
import { useTimeline } from "../lib/useTimeline";
import { goInstead, goTo } from "../lib/useRoute";

type Props = { fleetId: number; view: View; agentId: number | null };

const nobody: Agent[] = [];

/** A fleet: its agents, its messages, and one agent more closely. */
export function FleetPage({ fleetId, view, agentId }: Props) {
  const heard = useFleetEvents(fleetId);
  const fleets = useQuery(fleetsQuery);
  const agents = useQuery(agentsQuery(fleetId));
  const timeline = useTimeline(fleetId);
  // events change what is known: before that is there, nothing of it can be live
  const isKnown = agents.data !== undefined && timeline.query.data !== undefined;
  const connection: Connection = heard.state === "live" && !isKnown ? { state: "connecting" } : heard;
  const composer = useRef<ComposerHandle>(null);
  const toWrite = useRef<((composer: ComposerHandle) => void) | null>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [isWide, setWide] = useState(false);
  const place = useRef<Place>(null);

  const known = agents.data ?? nobody;
  const waiting = useMemo(() => concerns(known), [known]);
  const administrator = administratorOf(known);
  const addressees = useMemo(
    () => inOrder(known).filter((agent) => isActive(agent) && agent.kind !== "builtin-administrator"),
    [known],
  );
  const selected = known.find((agent) => agent.agent_id === agentId);
  const label = fleets.data?.find((fleet) => fleet.fleet_id === fleetId)?.label;
  const name = label ? plainName(label) : `Fleet ${fleetId}`;

  useTabTitle(name, waiting.length, connection.state === "stale");
  const isGone = agents.error instanceof ApiError && agents.error.status === 404;
  useEffect(() => {
    if (isGone) goInstead(fleetsHref, `There is no fleet ${fleetId}, or it was deleted.`);
  }, [isGone, fleetId]);
  const isStranger = agents.data !== undefined && agentId !== null && !selected;
  useEffect(() => {
    if (isStranger) goInstead(fleetHref(fleetId, null, view), `There is no agent ${agentId} in this fleet.`);
  }, [isStranger, fleetId, view, agentId]);
  const [shownAgent, setShownAgent] = useState(agentId);
  if (shownAgent !== agentId) {
    // whoever has chosen an agent is done with the list
    setShownAgent(agentId);
    setDrawerOpen(false);
  }

  const focusPanel = useRef(false);
  const open = (agent: Agent) => {
    // whoever opens an agent by a key goes on in its panel
    focusPanel.current = true;
    goTo(fleetHref(fleetId, agent.agent_id, view));
  };
  const close = () => {
    // the focus goes back to where the agent is opened
    document.querySelector<HTMLElement>(`nav [data-agent="${agentId}"]`)?.focus();
    goTo(fleetHref(fleetId, null, view));
  };
  const step = (by: number) => {
    const order = inOrder(known);
    const at = order.findIndex((agent) => agent.agent_id === agentId);
    const next = order[(at + by + order.length) % order.length] ?? order[0];
    if (next) open(next);
  };
  const whenWritable = (write: (composer: ComposerHandle) => void) => {
    if (composer.current) write(composer.current);
    else toWrite.current = write;
  };
  useEffect(() => {
    // what waited for the messages to be shown
    if (view === "messages" && composer.current) toWrite.current?.(composer.current);
    toWrite.current = null;
  }, [view]);
  const writeTo = (agent: Agent) => {
    // where there is no room for both, the panel lies over the composer
    const hasRoom = window.matchMedia("(min-width: 80rem)").matches;
    goTo(fleetHref(fleetId, hasRoom ? agent.agent_id : null));
    whenWritable((composer) => composer.mention(tokenOf(agent, addressees)));
  };
  useShortcuts({
    c: () => {
      if (view !== "messages") goTo(fleetHref(fleetId, agentId));
      whenWritable((composer) => composer.focus());
    },
    t: () => goTo(fleetHref(fleetId, agentId, view === "messages" ? "terminals" : "messages")),
    f: () => goTo(fleetsHref),
    n: () => step(1),
    p: () => step(agentId === null ? 0 : -1),
    a: () => {
      const at = waiting.findIndex(({ agent }) => agent.agent_id === agentId);
      const next = waiting[(at + 1) % waiting.length];
      if (next) open(next.agent);
    },
    Escape: () => selected && close(),
    "?": () => setHelpOpen(true),
  });

  const sidebar = (
    <>
      <Trouble of={agents} what="The agents" />
      {agents.isPending && <Skeleton rows={5} className="h-9" />}
      {agents.data && <Sidebar fleetId={fleetId} view={view} agents={known} selected={agentId} />}
    </>
  );
  return (
    <div className="flex h-dvh min-h-[26rem] flex-col">
      <Header
        fleet={
          <>
            {name} <span className="font-normal text-muted">#{fleetId}</span>
          </>
        }
        views={<ViewSwitch fleetId={fleetId} view={view} agentId={agentId} />}
        onHelp={() => setHelpOpen(true)}
        onAgents={() => setDrawerOpen(true)}
      >
        {administrator && (
          <span className="hidden text-muted lg:inline">Sending as {plainName(administrator.name)}</span>
        )}
        <span className="hidden sm:inline">
          <MonitorLight fleetId={fleetId} detail />
        </span>
        <ConnectionState connection={connection} />
      </Header>
      <AttentionStrip fleetId={fleetId} view={view} concerns={waiting} />
      <div className="flex min-h-0 flex-1">
        <div className="hidden w-64 flex-none overflow-y-auto border-r border-line bg-surface md:block 2xl:w-72">
          {sidebar}
        </div>
        {isDrawerOpen && (
          <Drawer onClose={() => setDrawerOpen(false)}>
            <div className="px-4 pt-3 text-xs">
              <MonitorLight fleetId={fleetId} />
            </div>
            {sidebar}
          </Drawer>
        )}
        <main className="flex min-w-0 flex-1 flex-col">
          {view === "messages" ? (
            <Conversation
              fleetId={fleetId}
              timeline={timeline}
              agents={agents}
              administrator={administrator}
              addressees={addressees}
              composer={composer}
              placeRef={place}
            />
          ) : (
            <TerminalGrid fleetId={fleetId} agents={agents} selected={agentId} isHeard={connection.state === "live"} />
          )}
        </main>
        {selected && (
          <AgentPanel
            key={selected.agent_id}
            fleetId={fleetId}
            agent={selected}
            isHeard={connection.state === "live"}
            isWide={isWide}
            onWide={setWide}
            takeFocusRef={focusPanel}
            onClose={close}
            onWrite={addressees.includes(selected) ? () => writeTo(selected) : null}
          />
        )}
      </div>
      {isHelpOpen && <Shortcuts onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

/** The agents on a narrow screen, over the messages. */
function Drawer({ children, onClose }: { children: React.ReactNode; onClose: () => void }) {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      aria-label="Agents"
      className="m-0 h-dvh max-h-none w-72 border-r border-line bg-surface text-ink md:hidden"
      onClose={onClose}
    >
      {children}
    </dialog>
  );
}
