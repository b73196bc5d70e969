import { QueryClient } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { keys } from "../api/queries";
import { message } from "../lib/fixtures";
import { addLive, type Live, nothingLive } from "../lib/messages";
import { dropCovered } from "./dropCovered";

// the addresses of the server begin with that of the page
vi.hoisted(() => vi.stubGlobal("location", { href: "http://127.0.0.1/" }));

test("what came live is held until the pages that are read hold it, of the timeline and of each open box", async () => {
  const client = new QueryClient();
  const stop = dropCovered(client, 1);
  const held = () => [...(client.getQueryData<Live>(keys.live(1))?.rows.keys() ?? [])];
  const read = async (queryKey: readonly unknown[], ...ids: number[]) => {
    const messages = ids.map((id) => message(id));
    const queryFn = () => Promise.resolve({ messages, next_cursor: null });
    await client.fetchInfiniteQuery({ queryKey, queryFn, initialPageParam: null, staleTime: 0 });
  };
  await read(keys.timeline(1), 1);
  await read(keys.box(1, 3, "inbox"), 1);
  await read(keys.box(1, 4, "inbox"));
  client.setQueryData<Live>(keys.live(1), addLive(nothingLive, [message(2)], []));
  await read(keys.timeline(2), 2);
  expect(held()).toEqual([2]);
  await read(keys.timeline(1), 2, 1);
  expect(held()).toEqual([2]);
  await read(keys.box(1, 3, "inbox"), 2, 1);
  expect(held()).toEqual([]);
  client.setQueryData<Live>(keys.live(1), addLive(nothingLive, [message(2)], []));
  stop();
  await read(keys.timeline(1), 2, 1);
  expect(held()).toEqual([2]);
  client.clear();
});
