/** The recipe while it is being changed: kept here at once, sent to the server when a moment has passed. */
import { useCallback, useEffect, useRef, useState } from "react";
import { changeDataset, dataKeys, type DatasetOut } from "@/api/data";
import { queryClient } from "@/api/queryClient";
import { readRecipe, writeRecipe, type Recipe } from "./recipe";

const SAVE_MILLISECONDS = 600;

export interface Draft {
  recipe: Recipe;
  change: (next: Recipe) => void;
  /** Send what is not sent yet, before something that needs it. */
  flush: () => Promise<void>;
  saving: "saved" | "waiting" | "failed";
}

export function useDraft(dataset: DatasetOut): Draft {
  const [recipe, setRecipe] = useState(() => readRecipe(dataset.recipe));
  const [saving, setSaving] = useState<Draft["saving"]>("saved");
  const latest = useRef(recipe);
  const unsent = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const flush = useCallback(async () => {
    clearTimeout(timer.current);
    if (!unsent.current) return;
    unsent.current = false;
    try {
      const saved = await changeDataset(dataset.id, { recipe: writeRecipe(latest.current) });
      queryClient.setQueryData(dataKeys.dataset(dataset.id), saved);
      if (!unsent.current) setSaving("saved");
    } catch (error) {
      unsent.current = true;
      setSaving("failed");
      throw error;
    }
  }, [dataset.id]);

  const change = useCallback(
    (next: Recipe) => {
      latest.current = next;
      unsent.current = true;
      setRecipe(next);
      setSaving("waiting");
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush().catch(() => undefined), SAVE_MILLISECONDS);
    },
    [flush],
  );
  // Leaving the page does not lose the last change.
  useEffect(() => () => void flush().catch(() => undefined), [flush]);
  return { recipe, change, flush, saving };
}
