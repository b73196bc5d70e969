import { useState } from "react";

/** Since when each of these has been among them without a break, as far as this page has seen. */
export function useSince(keys: readonly string[]): number[] {
  const [known, setKnown] = useState<ReadonlyMap<string, number>>(new Map());
  const isSame = keys.length === known.size && keys.every((key) => known.has(key));
  if (isSame) return keys.map((key) => known.get(key) ?? 0);
  const now = Date.now();
  const next = new Map(keys.map((key) => [key, known.get(key) ?? now]));
  setKnown(next);
  return keys.map((key) => next.get(key) ?? now);
}
