import { useMemo, useSyncExternalStore } from "react";
import { parseRoute, type Route } from "./route";
import { notify } from "./useNotice";

const CHANGED = "hashchange";

function subscribe(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  return () => window.removeEventListener(CHANGED, changed);
}

/** What the address names, now and after every change. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseRoute(hash), [hash]);
}

/** Goes to another address. */
export function goTo(href: string): void {
  window.location.hash = href;
}

/** Goes to another address in place of this one, so that Back does not return here, and tells the person why. */
export function goInstead(href: string, why: string): void {
  notify(why);
  window.history.replaceState(null, "", href);
  // the browser tells of a replaced address only those who asked for it
  window.dispatchEvent(new HashChangeEvent(CHANGED));
}
