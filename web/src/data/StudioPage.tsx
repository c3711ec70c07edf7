/** One data set: its stages on the left, what they do to a sample on the right. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import ArrowLeft from "lucide-react/icons/arrow-left";
import { useState, type ComponentType } from "react";
import { catalogueQuery, datasetQuery, sourcesQuery, type CatalogueOut, type DatasetOut, type SourceOut } from "@/api/data";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { PageHeader } from "@/shell/PageHeader";
import { ConvertStage } from "./ConvertStage";
import { FitStage } from "./FitStage";
import { PreviewPanel } from "./PreviewPanel";
import { MixStage } from "./MixStage";
import { missing } from "./recipe";
import { RecipeMenu } from "./RecipeMenu";
import { ResultStage } from "./ResultStage";
import { RunBar, useFollowJobs } from "./RunBar";
import { SourcesStage } from "./SourcesStage";
import { StageStrip } from "./StageStrip";
import type { StageProps } from "./stageProps";
import { StepsStage } from "./StepsStage";
import { TaskStage } from "./TaskStage";
import { useDraft } from "./useDraft";
import { usePreview, type Measure } from "./usePreview";
import { RESULT, stages } from "./words";

export interface StudioSearch {
  stage?: string;
}

const bodies: Record<string, ComponentType<StageProps>> = { sources: SourcesStage, task: TaskStage, mix: MixStage, convert: ConvertStage, fit: FitStage };

export function StudioPage() {
  const { datasetId } = useParams({ strict: false }) as { datasetId: string };
  const dataset = useQuery(datasetQuery(datasetId));
  const catalogue = useQuery(catalogueQuery);
  const sources = useQuery(sourcesQuery);
  // A recipe out of a file takes the place of the one in hand.
  const [version, setVersion] = useState(0);
  useFollowJobs(dataset.data);
  const error = dataset.error ?? catalogue.error ?? sources.error;
  const ready = dataset.data && catalogue.data && sources.data;
  if (ready)
    return <Studio key={`${datasetId}.${version}`} dataset={dataset.data} catalogue={catalogue.data} sources={sources.data} onReplaced={() => setVersion(version + 1)} />;
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader title="Data" before={<Back />} />
      <div className="p-6">{error ? <ErrorNote error={error} onRetry={() => void Promise.all([dataset.refetch(), catalogue.refetch(), sources.refetch()])} /> : <Skeleton lines={8} />}</div>
    </div>
  );
}

function Back() {
  return (
    <Link to="/data" aria-label="Back to the data sets" className="icon-button">
      <ArrowLeft aria-hidden size={18} />
    </Link>
  );
}

interface StudioProps {
  dataset: DatasetOut;
  catalogue: CatalogueOut;
  sources: readonly SourceOut[];
  onReplaced: () => void;
}

function Studio({ dataset, catalogue, sources, onReplaced }: StudioProps) {
  const search = useSearch({ strict: false }) as StudioSearch;
  const draft = useDraft(dataset);
  const [measure, setMeasure] = useState<Measure>({ tokenizer: null, maximum: null });
  const look = usePreview(dataset.id, draft.recipe, measure);
  const wanted = search.stage ?? (dataset.prepared !== null ? RESULT : "sources");
  const about = stages.find((one) => one.id === wanted);
  const stage = about || wanted === RESULT ? wanted : "sources";
  const Body = bodies[stage] ?? StepsStage;
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader title={dataset.name} before={<Back />} actions={<RecipeMenu dataset={dataset} flush={draft.flush} onReplaced={onReplaced} />} />
      <StageStrip dataset={dataset} recipe={draft.recipe} catalogue={catalogue} current={stage} />
      {stage === RESULT ? (
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-5 wide:px-6" tabIndex={0} role="region" aria-label="Result">
          <ResultStage dataset={dataset} catalogue={catalogue} draft={draft} />
        </div>
      ) : (
        <div className="flex min-h-0 flex-1 flex-col overflow-y-auto wide:flex-row wide:overflow-hidden">
          <section aria-label={about?.title ?? "Sources"} tabIndex={0} className="px-4 py-5 wide:w-[46%] wide:max-w-[560px] wide:shrink-0 wide:overflow-y-auto wide:border-r wide:px-6">
            <h2 className="text-lg font-semibold">{about?.title}</h2>
            <p className="mb-4 text-muted">{about?.about}</p>
            <Body stage={stage} dataset={dataset} draft={draft} look={look} catalogue={catalogue} sources={sources} measure={measure} onMeasure={setMeasure} />
          </section>
          <section aria-label="Preview" tabIndex={0} className="min-w-0 flex-1 px-4 py-5 max-wide:border-t wide:overflow-y-auto wide:px-6">
            <PreviewPanel look={look} waiting={missing(draft.recipe)?.text ?? null} />
          </section>
        </div>
      )}
      <RunBar dataset={dataset} draft={draft} stage={stage} />
    </div>
  );
}
