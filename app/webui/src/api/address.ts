/** The folder of the page: its scripts are in one below it, wherever a proxy has put both. */
const root = import.meta.env.DEV ? new URL("/", location.href) : new URL("..", here());

function here(): string {
  // by itself, lest the build takes it for the address of a file
  return import.meta.url;
}

/** The address of a path of the server, as `/api/fleets`. */
export function address(path: string): string {
  return new URL(path.replace(/^\//, ""), root).href;
}

/** The address of a WebSocket of the server. */
export function socketAddress(path: string): string {
  return address(path).replace(/^http/, "ws");
}
