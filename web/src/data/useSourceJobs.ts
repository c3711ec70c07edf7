/** Jobs that end in a new file of rows: those on their way, and what became of those begun on this page. */
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { dataKeys } from "@/api/data";
import { keys, queryClient } from "@/api/queryClient";
import type { JobOut } from "@/api/types";
import { isRunning, jobsQuery } from "@/api/work";

const KINDS = ["fetch_data", "generate_data"];

export interface SourceJobs {
  running: readonly JobOut[];
  /** Ended jobs of this visit, the last one first. */
  ended: readonly JobOut[];
  begin: (jobId: string) => void;
  dismiss: (jobId: string) => void;
}

export function useSourceJobs(onSources: (names: readonly string[]) => void): SourceJobs {
  const { data: jobs = [] } = useQuery(jobsQuery);
  const [begun, setBegun] = useState<readonly string[]>([]);
  const told = useRef(new Set<string>());
  const mine = jobs.filter((job) => KINDS.includes(job.kind) && begun.includes(job.id));
  const ended = mine.filter((job) => !isRunning(job));
  const latest = useRef(onSources);
  useEffect(() => {
    latest.current = onSources;
    const fresh = ended.filter((job) => !told.current.has(job.id));
    if (!fresh.length) return;
    for (const job of fresh) told.current.add(job.id);
    const names = fresh.flatMap((job) => (job.state === "done" && typeof job.result?.name === "string" ? [job.result.name] : []));
    // The files must be known before a recipe shows them.
    if (names.length) void queryClient.invalidateQueries({ queryKey: dataKeys.sources, exact: true }).then(() => latest.current(names));
  });
  const begin = useCallback((jobId: string) => {
    setBegun((before) => [...before, jobId]);
    void queryClient.invalidateQueries({ queryKey: keys.jobs });
  }, []);
  const dismiss = useCallback((jobId: string) => setBegun((before) => before.filter((one) => one !== jobId)), []);
  return { running: jobs.filter((job) => KINDS.includes(job.kind) && isRunning(job)), ended: [...ended].reverse(), begin, dismiss };
}
