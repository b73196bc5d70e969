import { useCallback, useEffect, useState } from "react";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { Notices } from "./components/Notices";
import { fleetsHref } from "./lib/route";
import { replaceRoute, useRoute } from "./lib/useRoute";
import { FleetPage } from "./routes/FleetPage";
import { FleetsPage } from "./routes/FleetsPage";

/** Shows what the address names. */
export function App() {
  const route = useRoute();
  const [notice, setNotice] = useState("");
  // replaced, so that Back leads to where the person was and not here again
  const goInstead = useCallback((href: string, why: string) => {
    setNotice(why);
    replaceRoute(href);
  }, []);
  useEffect(() => {
    if (route.name === "unknown") goInstead(fleetsHref, "There is no such page; here are the fleets.");
  }, [route, goInstead]);
  return (
    <ErrorBoundary>
      {route.name === "fleet" ? (
        <FleetPage
          key={route.fleetId}
          fleetId={route.fleetId}
          view={route.view}
          agentId={route.agentId}
          goInstead={goInstead}
        />
      ) : (
        <FleetsPage />
      )}
      <Notices text={notice} onClose={() => setNotice("")} />
    </ErrorBoundary>
  );
}
