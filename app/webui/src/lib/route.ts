/** What the address says should be shown. */
export type Route =
  | { name: "fleets" }
  | { name: "fleet"; fleetId: number; agentId: number | null }
  | { name: "unknown"; hash: string };

const FLEET = /^\/fleets\/([1-9]\d{0,15})(?:\/agents\/([1-9]\d{0,15}))?\/?$/;

/** Reads the part of the address behind `#`. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, "");
  if (path === "" || path === "/" || /^\/fleets\/?$/.test(path)) return { name: "fleets" };
  const found = FLEET.exec(path);
  if (!found) return { name: "unknown", hash };
  return { name: "fleet", fleetId: Number(found[1]), agentId: found[2] ? Number(found[2]) : null };
}

export const fleetsHref = "#/fleets";

/** The address of a fleet, or of an agent in it. */
export function fleetHref(fleetId: number, agentId?: number | null): string {
  return agentId ? `#/fleets/${fleetId}/agents/${agentId}` : `#/fleets/${fleetId}`;
}
