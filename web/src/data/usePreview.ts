/** The sample on its way through the recipe: looked at again when the recipe rests, counted again at once when a threshold moves. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { countDataset, previewDataset, type Json, type PreviewOut, type StepCountOut } from "@/api/data";
import { missing, writeRecipe, type Recipe } from "./recipe";

const REST_MILLISECONDS = 500;
export const SAMPLE_ROWS = 1000;

export interface Look {
  preview: PreviewOut | undefined;
  /** The lines of the steps under the thresholds of this moment. */
  steps: readonly StepCountOut[];
  /** What is shown is not yet that of the recipe. */
  stale: boolean;
  error: Error | null;
  retry: () => void;
}

export interface Measure {
  tokenizer: string | null;
  maximum: number | null;
}

export function usePreview(datasetId: string, recipe: Recipe, measure: Measure): Look {
  const written = JSON.stringify(writeRecipe(recipe));
  const rested = useRested(written);
  const ready = missing(recipe) === null;
  const preview = useQuery({
    queryKey: ["data", "preview", datasetId, rested, measure.tokenizer, measure.maximum],
    queryFn: async ({ signal }) => {
      const body = { recipe: JSON.parse(rested) as Json, rows: SAMPLE_ROWS, tokenizer: measure.tokenizer, maximum: measure.maximum };
      return { of: rested, found: await previewDataset(datasetId, body, signal) };
    },
    enabled: ready,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
  });
  const shown = preview.isError ? undefined : preview.data;
  const moved = shown !== undefined && shown.of !== written && sameSteps(shown.of, written);
  const counts = useQuery({
    queryKey: ["data", "counts", datasetId, written],
    queryFn: async ({ signal }) => (await countDataset(datasetId, JSON.parse(written) as Json, signal)).steps,
    enabled: ready && moved,
    placeholderData: keepPreviousData,
    // More than a threshold was changed: the new look at the sample, which is on its way, tells.
    retry: false,
    gcTime: 5_000,
    staleTime: Infinity,
  });
  const steps = (moved && !counts.isError ? counts.data : undefined) ?? shown?.found.steps ?? [];
  return { preview: shown?.found, steps, stale: shown?.of !== written, error: ready ? preview.error : null, retry: () => void preview.refetch() };
}

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

const names = (written: string) =>
  ((JSON.parse(written) as { steps: unknown[] }).steps ?? []).map((step) => (typeof step === "string" ? step : Object.keys(step as Json)[0])).join();
const sameSteps = (one: string, other: string) => names(one) === names(other);
