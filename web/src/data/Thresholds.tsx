/** The thresholds of a finished run over all its rows: moved here, counted at once, taken into the recipe. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import { useMemo, useState } from "react";
import { countThresholds, dataKeys, thresholdsQuery, type CatalogueOut, type DatasetOut, type MovedIn, type SliderOut } from "@/api/data";
import type { components } from "@/api/schema";
import { Button } from "@/kit/Button";
import { Empty, ErrorNote, Skeleton } from "@/kit/Feedback";
import { count } from "@/kit/format";
import { showToast } from "@/kit/toasts";
import { takeThresholds } from "./recipe";
import { optionsOf } from "./schema";
import { Slider } from "./Slider";
import type { Draft } from "./useDraft";
import { Waterfall } from "./Waterfall";

type Counted = components["schemas"]["AllCountsOut"];
interface ThresholdsProps {
  dataset: DatasetOut;
  catalogue: CatalogueOut;
  draft: Draft;
}

export function Thresholds({ dataset, catalogue, draft }: ThresholdsProps) {
  const [moved, setMoved] = useState<readonly MovedIn[]>([]);
  const run = useQuery(thresholdsQuery(dataset.id, dataset.prepared));
  const counted = useQuery({
    queryKey: [...dataKeys.results(dataset.id), "moved", dataset.prepared, moved],
    queryFn: ({ signal }) => countThresholds(dataset.id, moved, signal),
    enabled: moved.length > 0 && run.isSuccess,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 5_000,
  });
  if (run.error) return <ErrorNote error={run.error} onRetry={() => void run.refetch()} />;
  if (!run.data) return <Skeleton lines={8} />;
  if (!run.data.sliders.length)
    return (
      <Empty icon={SlidersHorizontal} title="No threshold to move">
        No step of this recipe measures rows and drops those outside a limit. Length and Text quality, in the stage Quality, do.
      </Empty>
    );
  const shown: Counted = moved.length ? (counted.data ?? run.data) : run.data;
  const move = (slider: SliderOut, value: number | null) => {
    const others = moved.filter((one) => one.place !== slider.place || one.option !== slider.option);
    setMoved(value === slider.value ? others : [...others, { place: slider.place, option: slider.option, value }]);
  };
  const use = () => {
    const next = takeThresholds(
      draft.recipe,
      shown.steps.map((step) => step.name),
      moved,
    );
    if (next === null) return showToast("A step of that run is not in the recipe any more. Change it there.", "bad");
    draft.change(next);
    showToast("The thresholds are in the recipe. Prepare again to write the rows.");
  };
  return (
    <div className="grid gap-x-8 gap-y-5 wide:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
      <section aria-label="Kept and dropped" className="max-wide:contents wide:sticky wide:top-0 wide:order-2 wide:space-y-4 wide:self-start">
        {/* On a small screen what comes of a slider stays in sight; the bars come after the sliders. */}
        <div className="space-y-3 max-wide:sticky max-wide:-top-5 max-wide:z-10 max-wide:border-b max-wide:bg-bg max-wide:py-3">
          <Outcome shown={shown} before={run.data} />
          <div className="flex flex-wrap gap-2">
          <Button variant="primary" disabled={!moved.length || counted.isError} onClick={use}>
            Use these thresholds
          </Button>
          <Button disabled={!moved.length} onClick={() => setMoved([])}>
            As in the run
          </Button>
          </div>
          {counted.error && moved.length > 0 && <ErrorNote error={counted.error} />}
        </div>
        <div className="max-wide:order-last">
          <Waterfall steps={shown.steps} rows={dataset.summary?.rows_in ?? 0} bad={dataset.summary?.rows_quarantined ?? 0} />
        </div>
      </section>
      <ul aria-label="Thresholds of the run" className="space-y-3">
        {groups(run.data.sliders).map((sliders) => (
          <Step key={sliders[0]?.place} sliders={sliders} catalogue={catalogue} moved={moved} onMove={move} />
        ))}
      </ul>
    </div>
  );
}

function Outcome({ shown, before }: { shown: Counted; before: Counted }) {
  const change = shown.rows_out - before.rows_out;
  const most = shown.rows_out + shown.unknown;
  return (
    <div role="status" data-testid="threshold-outcome">
      <p className="text-lg font-semibold">
        {shown.unknown > 0 ? `${shown.rows_out.toLocaleString("en")} to ${count(most, "row")} stay` : `${shown.exact ? "" : "About "}${count(shown.rows_out, "row")} stay${shown.rows_out === 1 ? "s" : ""}`}
        {change !== 0 && <span className={change < 0 ? "text-bad" : "text-good"}> ({`${change > 0 ? "+" : "−"}${Math.abs(change).toLocaleString("en")}`})</span>}
      </p>
      <p className="text-[13px] text-muted">
        {shown.unknown > 0
          ? `${count(shown.unknown, "row")} were dropped before later steps saw them. What those steps say, only a new run tells.`
          : shown.exact
            ? "All rows of the run, counted by what it measured. Nothing changes until you use them."
            : "A later step compares rows, such as the search for copies, and may choose others among these. A new run tells exactly."}
      </p>
    </div>
  );
}

interface StepProps {
  sliders: readonly SliderOut[];
  catalogue: CatalogueOut;
  moved: readonly MovedIn[];
  onMove: (slider: SliderOut, value: number | null) => void;
}

function Step({ sliders, catalogue, moved, onMove }: StepProps) {
  const name = sliders[0]?.step ?? "";
  const about = catalogue.steps.find((one) => one.name === name);
  const options = useMemo(() => optionsOf(about?.options ?? {}), [about]);
  return (
    <li className="space-y-4 rounded-xl border bg-raised px-4 py-3" data-step={name}>
      <h3 className="font-semibold">{about?.title ?? name}</h3>
      {sliders.map((slider) => {
        const option = options.find((one) => one.name === slider.option);
        const now = moved.find((one) => one.place === slider.place && one.option === slider.option);
        return (
          <Slider
            key={slider.option}
            slider={slider}
            label={option?.label ?? slider.option}
            hint={option?.hint ?? slider.label}
            value={now ? now.value : slider.value}
            optional={option?.optional ?? false}
            onChange={(value) => onMove(slider, value)}
          />
        );
      })}
    </li>
  );
}

/** Sliders of one step belong together. */
function groups(sliders: readonly SliderOut[]): SliderOut[][] {
  const found = new Map<number, SliderOut[]>();
  for (const slider of sliders) found.set(slider.place, [...(found.get(slider.place) ?? []), slider]);
  return [...found.values()];
}
