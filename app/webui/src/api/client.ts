import { address } from "./address";

/** An answer that is not the one that was asked for, or none at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Longer than the server lets a pane take; a request that hangs must not look like one that is under way. */
const LIMIT = 20_000;

type Request = { fleetId?: number; method?: "POST" | "PATCH"; body?: unknown; signal?: AbortSignal };

/** Asks the server. Fails with an `ApiError`, or with an `AbortError` when the caller has lost interest. */
export async function ask<Answer>(path: string, { fleetId, method, body, signal }: Request = {}): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (fleetId !== undefined) headers["X-Fleet-Id"] = String(fleetId);
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const limit = AbortSignal.timeout(LIMIT);
  let response: Response;
  let text: string;
  try {
    response = await fetch(address(path), {
      method: method ?? "GET",
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, limit.aborted ? "the server does not answer" : "the server cannot be reached");
  }
  const answer = parsed(text);
  if (!response.ok) throw new ApiError(response.status, detail(answer) ?? `the server answered ${response.status}`);
  if (answer === undefined) throw new ApiError(response.status, "the server answered what is not JSON");
  return answer as Answer;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The words of an error: `detail` is a sentence, or a list of what does not fit. */
function detail(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null || !("detail" in answer)) return null;
  if (typeof answer.detail === "string") return answer.detail;
  if (!Array.isArray(answer.detail)) return null;
  return answer.detail
    .map((item: { msg?: unknown }) => (typeof item.msg === "string" ? item.msg : "does not fit"))
    .join("; ");
}

/** What went wrong, in words for people. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
