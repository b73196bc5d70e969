/** Number of colours that index.css defines as `--avatar-0` and so on. */
export const AVATAR_COLOURS = 10;

/** The colour of an agent: neighbours in a fleet differ, and an agent keeps its own for ever. */
export function avatarColour(agentId: number): number {
  // 3 and 10 have no common divisor, so ten agents in a row have ten colours, and neighbours are not of like hue
  return (agentId * 3) % AVATAR_COLOURS;
}

/** One or two letters of a name. */
export function initials(name: string): string {
  const words = name.split(/[\s_.\-/]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letter = (word: string | undefined) => word?.match(/[\p{L}\p{N}]/u)?.[0] ?? "";
  const both = words.length > 1 ? letter(words[0]) + letter(words[words.length - 1]) : letter(words[0]);
  return both.toUpperCase() || "?";
}
