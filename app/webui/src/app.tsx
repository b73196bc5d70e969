import { useEffect } from "react";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { Notices } from "./components/Notices";
import { fleetsHref } from "./lib/route";
import { goInstead, useRoute } from "./lib/useRoute";
import { FleetPage } from "./routes/FleetPage";
import { FleetsPage } from "./routes/FleetsPage";

/** Shows what the address names. */
export function App() {
  const route = useRoute();
  useEffect(() => {
    if (route.name === "unknown") goInstead(fleetsHref, "There is no such page; here are the fleets.");
  }, [route]);
  return (
    <ErrorBoundary>
      {route.name === "fleet" ? (
        <FleetPage key={route.fleetId} fleetId={route.fleetId} view={route.view} agentId={route.agentId} />
      ) : (
        <FleetsPage />
      )}
      <Notices />
    </ErrorBoundary>
  );
}
