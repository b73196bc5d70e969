const key = (fleetId: number) => `cafleet.draft.${fleetId}`;

/** The text that was written for a fleet and is not known to be sent. */
export function loadDraft(fleetId: number): string {
  try {
    return sessionStorage.getItem(key(fleetId)) ?? localStorage.getItem(key(fleetId)) ?? "";
  } catch {
    return "";
  }
}

/**
 * Keeps a text until it is sent: for the tab, so that two tabs do not overwrite each other's, and what was written last
 * for the browser, so that it outlives its tab.
 */
export function saveDraft(fleetId: number, text: string): void {
  try {
    for (const storage of [sessionStorage, localStorage]) {
      if (text === "") storage.removeItem(key(fleetId));
      else storage.setItem(key(fleetId), text);
    }
  } catch {
    // storage may be forbidden; then the draft ends with the page
  }
}
