/**
 * What the feed tells while the same thing is on its way from the server: an answer that was read before a change may
 * arrive after the news of it, and must not undo it.
 */
import { hashKey, type QueryKey } from "@tanstack/react-query";

interface Item {
  id: string;
}

interface Reading {
  key: string;
  told: Map<string, Item>;
}

const readings = new Set<Reading>();

/** Note news of one item for every answer under `queryKey` that is still on its way. */
export function tellReadings(queryKey: QueryKey, item: Item): void {
  const key = hashKey(queryKey);
  for (const reading of readings) if (reading.key === key) reading.told.set(item.id, item);
}

/** Read a list. What the feed told of its items meanwhile counts; items that the answer does not have yet come first. */
export function readList<T extends Item>(queryKey: QueryKey, read: () => Promise<T[]>): Promise<T[]> {
  return reading<T, T[]>(queryKey, read, (list, told) => {
    const current = list.map((item) => told.get(item.id) ?? item);
    const known = new Set(list.map((item) => item.id));
    return [...[...told.values()].filter((item) => !known.has(item.id)).reverse(), ...current];
  });
}

/** Read one item. What the feed told of it meanwhile counts. */
export function readItem<T extends Item>(queryKey: QueryKey, read: () => Promise<T>): Promise<T> {
  return reading<T, T>(queryKey, read, (item, told) => told.get(item.id) ?? item);
}

async function reading<T extends Item, R>(queryKey: QueryKey, read: () => Promise<R>, join: (answer: R, told: ReadonlyMap<string, T>) => R): Promise<R> {
  const here: Reading = { key: hashKey(queryKey), told: new Map() };
  readings.add(here);
  try {
    const answer = await read();
    // Who writes news under a key writes what the key holds, so its items are of the answer's type.
    return join(answer, here.told as Map<string, T>);
  } finally {
    readings.delete(here);
  }
}
