const key = (fleetId: number) => `cafleet.draft.${fleetId}`;

/** The text that was written for a fleet and is not known to be sent. */
export function loadDraft(fleetId: number): string {
  try {
    return sessionStorage.getItem(key(fleetId)) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a text until it is sent; in the tab, so that two tabs do not overwrite each other's. */
export function saveDraft(fleetId: number, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(key(fleetId));
    else sessionStorage.setItem(key(fleetId), text);
  } catch {
    // storage may be forbidden; then the draft ends with the page
  }
}
