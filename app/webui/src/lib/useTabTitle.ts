import { useEffect } from "react";

/**
 * Lets the tab tell how many things need a person, by its title and its icon: it is all that is seen of it in the background.
 * A number that may be out of date is marked as such.
 */
export function useTabTitle(name: string, count: number, isStale: boolean): void {
  useEffect(() => {
    const marks = isStale ? `(${count > 0 ? count : ""}?) ` : count > 0 ? `(${count}) ` : "";
    document.title = `${marks}${name} · CAFleet`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon) icon.href = icon.href.replace(/icon(-waiting)?\.svg$/, count > 0 ? "icon-waiting.svg" : "icon.svg");
  }, [name, count, isStale]);
}
