/** The rows that the run dropped for one reason. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { droppedQuery, type DatasetOut } from "@/api/data";
import { Badge, ErrorNote, Skeleton } from "@/kit/Feedback";
import { count } from "@/kit/format";
import type { ReasonAt } from "./Waterfall";
import { fieldText, valueText } from "./words";

const FIRST = 20;
const MOST = 200;

export function DroppedRows({ dataset, chosen }: { dataset: DatasetOut; chosen: ReasonAt }) {
  const [limit, setLimit] = useState(FIRST);
  const { data, error, refetch } = useQuery(droppedQuery(dataset.id, dataset.prepared, { place: chosen.place, reason: chosen.reason, limit }));
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={4} />;
  return (
    <section aria-label="Dropped rows">
      <h3 className="mb-2 font-semibold">
        {count(data.total, "row")}: {chosen.reason}
      </h3>
      <ul className="space-y-2">
        {data.rows.map((row) => (
          <li key={row.id} className="rounded-lg border border-dashed bg-raised px-3 py-2">
            <p className="flex flex-wrap items-center gap-2 text-[13px] text-muted">
              {row.file} · row {row.row}
              {row.value !== null && <Badge tone="bad">{valueText(row.value)}</Badge>}
            </p>
            {row.texts.map((text, index) => (
              <p key={index} className="break-words">
                <span className="text-[13px] text-muted">{fieldText(text.field)}: </span>
                {text.text.slice(0, 500)}
              </p>
            ))}
          </li>
        ))}
      </ul>
      {data.total > limit && limit < MOST && (
        <button type="button" className="mt-2 text-[13px] text-accent hover:underline" onClick={() => setLimit(MOST)}>
          Show more ({data.total - limit} left; all of them are in dropped.parquet)
        </button>
      )}
    </section>
  );
}
