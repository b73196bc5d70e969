import { useQueries, useQuery } from "@tanstack/react-query";
import { agentsQuery, fleetsQuery } from "../api/queries";
import type { Fleet } from "../api/types";
import { FleetCard } from "../components/FleetCard";
import { Header } from "../components/Header";
import { Skeleton } from "../components/Skeleton";
import { Trouble } from "../components/Trouble";
import { concerns } from "../lib/agents";
import { useTabTitle } from "../lib/useTabTitle";

const none: Fleet[] = [];

/** Lets the tab tell how many things need a person in all fleets whose agents the cards have asked for. */
function useWaitingTitle(fleets: readonly Fleet[]): void {
  const agents = useQueries({ queries: fleets.map((fleet) => ({ ...agentsQuery(fleet.fleet_id), enabled: false })) });
  const count = agents.reduce((sum, { data }) => sum + concerns(data ?? []).length, 0);
  const isPartOfThem = agents.some(({ data }) => data === undefined);
  useTabTitle("Fleets", count, count > 0 && isPartOfThem);
}

/** All live fleets, newest first. */
export function FleetsPage() {
  const fleets = useQuery(fleetsQuery);
  useWaitingTitle(fleets.data ?? none);
  return (
    <div className="flex h-dvh flex-col">
      <Header />
      <main className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-[90rem] p-4 sm:p-6">
          <h1 className="sr-only">Fleets</h1>
          <Trouble of={fleets} what="The fleets" />
          {fleets.isPending && <Skeleton rows={3} className="h-28" />}
          {fleets.data?.length === 0 && <NoFleets />}
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-4">
            {fleets.data?.map((fleet) => (
              <li key={fleet.fleet_id}>
                <FleetCard fleet={fleet} />
              </li>
            ))}
          </ul>
        </div>
      </main>
    </div>
  );
}

function NoFleets() {
  return (
    <div className="mx-auto max-w-lg space-y-3 py-16 text-center">
      <p className="text-base font-semibold">No fleets yet</p>
      <p className="text-muted">Make one inside tmux, in the pane of the agent that is to direct it:</p>
      <pre className="overflow-x-auto rounded-lg border border-line bg-surface p-3 font-mono">
        <code>cafleet fleet create --label my-project</code>
      </pre>
      <p className="text-muted">or anywhere, with a Director and terminals of its own:</p>
      <pre className="overflow-x-auto rounded-lg border border-line bg-surface p-3 font-mono">
        <code>cafleet fleet create --spawn --label my-project</code>
      </pre>
      <p className="text-muted">It appears here by itself.</p>
    </div>
  );
}
