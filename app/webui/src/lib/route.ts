/** What of a fleet is in the middle. */
export type View = "messages" | "terminals";

/** What the address says should be shown. */
export type Route =
  | { name: "fleets" }
  | { name: "fleet"; fleetId: number; view: View; agentId: number | null }
  | { name: "unknown"; hash: string };

const FLEET = /^\/fleets\/([1-9]\d{0,15})(\/terminals)?(?:\/agents\/([1-9]\d{0,15}))?\/?$/;

/** Reads the part of the address behind `#`. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, "");
  if (path === "" || path === "/" || /^\/fleets\/?$/.test(path)) return { name: "fleets" };
  const found = FLEET.exec(path);
  if (!found) return { name: "unknown", hash };
  const view = found[2] ? "terminals" : "messages";
  return { name: "fleet", fleetId: Number(found[1]), view, agentId: found[3] ? Number(found[3]) : null };
}

export const fleetsHref = "#/fleets";

/** The address of a fleet, or of an agent in it. */
export function fleetHref(fleetId: number, agentId?: number | null, view: View = "messages"): string {
  const fleet = `#/fleets/${fleetId}${view === "terminals" ? "/terminals" : ""}`;
  return agentId ? `${fleet}/agents/${agentId}` : fleet;
}
