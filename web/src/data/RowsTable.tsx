/** The prepared rows: find, read, correct, and say which are relevant. */
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import ChevronLeft from "lucide-react/icons/chevron-left";
import ChevronRight from "lucide-react/icons/chevron-right";
import Pencil from "lucide-react/icons/pencil";
import ThumbsDown from "lucide-react/icons/thumbs-down";
import ThumbsUp from "lucide-react/icons/thumbs-up";
import { useDeferredValue, useState } from "react";
import { changeRow, dataKeys, rowsQuery, type DatasetOut, type RowOut, type RowsWanted } from "@/api/data";
import { queryClient } from "@/api/queryClient";
import { IconButton } from "@/kit/Button";
import { Badge, ErrorNote, Skeleton } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { showToast } from "@/kit/toasts";
import { RowEditor } from "./RowEditor";
import { fieldText } from "./words";

const PAGE = 20;
const SHOWN_CHARACTERS = 400;
const selectClass = "h-9 max-w-full rounded-lg border border-line-strong bg-raised px-3 text-fg";
const filters: readonly { value: RowsWanted["only"]; label: string }[] = [
  { value: "all", label: "All rows" },
  { value: "unlabelled", label: "Not judged yet" },
  { value: "relevant", label: "Relevant" },
  { value: "not_relevant", label: "Not relevant" },
  { value: "edited", label: "Edited" },
];

export function RowsTable({ dataset }: { dataset: DatasetOut }) {
  const [split, setSplit] = useState("train");
  const [query, setQuery] = useState("");
  const [only, setOnly] = useState<RowsWanted["only"]>("all");
  const [offset, setOffset] = useState(0);
  const [editing, setEditing] = useState<number | null>(null);
  const wanted = { split, offset, limit: PAGE, query: useDeferredValue(query.trim()), only };
  const { data, error, refetch } = useQuery({ ...rowsQuery(dataset.id, dataset.prepared, wanted), placeholderData: keepPreviousData });
  const first = (change: () => void) => {
    change();
    setOffset(0);
  };
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={8} />;
  return (
    <section aria-label="Rows">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <input data-search type="search" aria-label="Find rows by words" placeholder="Find rows by words" className={cx(inputClass, "h-9 w-full wide:w-64")} value={query} onChange={(event) => first(() => setQuery(event.target.value))} />
        <select aria-label="Which rows" className={selectClass} value={only} onChange={(event) => first(() => setOnly(event.target.value as RowsWanted["only"]))}>
          {filters.map((filter) => (
            <option key={filter.value} value={filter.value}>
              {filter.label}
            </option>
          ))}
        </select>
        {data.splits.length > 1 && (
          <select aria-label="Part" className={selectClass} value={split} onChange={(event) => first(() => setSplit(event.target.value))}>
            {data.splits.map((name) => (
              <option key={name} value={name}>
                {name === "train" ? "To learn from" : name === "validation" ? "Kept aside" : "Last test"}
              </option>
            ))}
          </select>
        )}
        <p className="text-[13px] text-muted" role="status">
          {data.total.toLocaleString("en")} found
          {data.counts.not_relevant > 0 && `, ${data.counts.not_relevant.toLocaleString("en")} left out of the files`}
        </p>
      </div>
      {data.rows.length === 0 && <p className="py-8 text-center text-muted">No row fits. Try other words or another choice.</p>}
      <ul className="space-y-2">
        {data.rows.map((row) => (
          <Row key={row.number} row={row} dataset={dataset} split={split} onEdit={() => setEditing(row.number)} />
        ))}
      </ul>
      {data.total > PAGE && <Pages offset={offset} total={data.total} onGo={setOffset} />}
      {editing !== null && <RowEditor dataset={dataset} split={split} number={editing} onClose={() => setEditing(null)} />}
    </section>
  );
}

function Row({ row, dataset, split, onEdit }: { row: RowOut; dataset: DatasetOut; split: string; onEdit: () => void }) {
  const label = useMutation({
    mutationFn: (next: "relevant" | "not_relevant" | "none") => changeRow(dataset.id, split, row.number, { label: next, texts: [] }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: dataKeys.results(dataset.id) }),
    onError: (error) => showToast(error.message, "bad"),
  });
  const says = (value: boolean) => label.mutate(row.relevant === value ? "none" : value ? "relevant" : "not_relevant");
  return (
    <li className={cx("flex gap-2 rounded-lg border bg-raised py-2 pr-1.5 pl-3", row.relevant === false && "border-dashed")} data-row={row.number}>
      <div className="min-w-0 flex-1 space-y-1">
        <p className="flex flex-wrap items-center gap-2 text-[13px] text-muted">
          {row.number + 1} · {row.file} row {row.row}
          {row.edited && <Badge tone="accent">edited</Badge>}
          {row.relevant === false && <Badge tone="bad">left out</Badge>}
        </p>
        {row.texts.map((text, index) => (
          <p key={index} className="break-words whitespace-pre-wrap">
            <span className="text-[13px] text-muted">{fieldText(text.field)}: </span>
            {text.text.length > SHOWN_CHARACTERS ? `${text.text.slice(0, SHOWN_CHARACTERS)}…` : text.text}
          </p>
        ))}
      </div>
      <div className="flex flex-col">
        <IconButton label={`Row ${row.number + 1} is relevant`} icon={ThumbsUp} aria-pressed={row.relevant === true} disabled={label.isPending} onClick={() => says(true)} />
        <IconButton label={`Row ${row.number + 1} is not relevant: leave it out`} icon={ThumbsDown} aria-pressed={row.relevant === false} disabled={label.isPending} onClick={() => says(false)} />
        <IconButton label={`Edit row ${row.number + 1}`} icon={Pencil} onClick={onEdit} />
      </div>
    </li>
  );
}

function Pages({ offset, total, onGo }: { offset: number; total: number; onGo: (offset: number) => void }) {
  return (
    <div className="mt-3 flex items-center justify-center gap-3">
      <IconButton label="Rows before" icon={ChevronLeft} disabled={offset === 0} onClick={() => onGo(Math.max(0, offset - PAGE))} />
      <span className="text-[13px] text-muted">
        {(offset + 1).toLocaleString("en")} to {Math.min(total, offset + PAGE).toLocaleString("en")} of {total.toLocaleString("en")}
      </span>
      <IconButton label="Rows after" icon={ChevronRight} disabled={offset + PAGE >= total} onClick={() => onGo(offset + PAGE)} />
    </div>
  );
}
