/** What every stage of the page is given. */
import type { CatalogueOut, DatasetOut, SourceOut } from "@/api/data";
import type { Draft } from "./useDraft";
import type { Look, Measure } from "./usePreview";

export interface StageProps {
  stage: string;
  dataset: DatasetOut;
  draft: Draft;
  look: Look;
  catalogue: CatalogueOut;
  sources: readonly SourceOut[];
  measure: Measure;
  onMeasure: (measure: Measure) => void;
}
