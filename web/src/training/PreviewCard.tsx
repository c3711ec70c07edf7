/** The rows before they are learned: as a conversation, as tokens, and how long they are against what fits. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { previewQuery, type TokensPreview, type Values } from "@/api/training";
import { Histogram, HistogramTable } from "@/data/Histogram";
import { IconButton } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import ChevronLeft from "lucide-react/icons/chevron-left";
import ChevronRight from "lucide-react/icons/chevron-right";
import { Conversation } from "./Conversation";
import { Tabs } from "./Tabs";
import { Legend, Tokens } from "./Tokens";

export function PreviewCard({ config }: { config: Values | null }) {
  const preview = useQuery({ ...previewQuery(onlyRows(config ?? {})), enabled: config !== null, placeholderData: keepPreviousData });
  return (
    <section aria-label="Rows as the model sees them" className="rounded-xl border bg-raised px-4 py-4">
      <h2 className="mb-3 font-semibold">Rows as the model sees them</h2>
      {config === null && <p className="text-muted">Here you see which words it is taught to write.</p>}
      {config !== null && preview.isPending && <Skeleton lines={6} />}
      {config !== null && preview.error && (isMistake(preview.error) ? <p className="text-muted">Correct what is named above first.</p> : <ErrorNote error={preview.error} className="whitespace-pre-line" />)}
      {config !== null && !preview.error && preview.data && <Shown preview={preview.data} old={preview.isPlaceholderData} />}
    </section>
  );
}

/** Mistakes of the config are named beside the plan already. */
const isMistake = (error: Error) => error.message.includes("mistake(s)");

/** What the preview depends on; a changed learning rate does not make it be asked for again. */
const onlyRows = ({ task, model, data }: Values): Values => ({ ...(task === undefined ? {} : { task }), ...(model === undefined ? {} : { model }), ...(data === undefined ? {} : { data }) });

function Shown({ preview, old }: { preview: TokensPreview; old: boolean }) {
  const [place, setPlace] = useState(0);
  const [view, setView] = useState<"Conversation" | "Tokens">("Tokens");
  const at = Math.min(place, preview.rows.length - 1);
  const row = preview.rows[at];
  return (
    <div className={cx("space-y-4", old && "opacity-60")}>
      {row && (
        <div>
          <div className="mb-2 flex items-center gap-1">
            <Tabs label="How a row is shown" names={["Tokens", "Conversation"]} chosen={view} onChoose={setView} />
            <span className="ml-auto text-[13px] text-muted">
              row {at + 1} of {preview.rows.length}
            </span>
            <IconButton label="Row before" icon={ChevronLeft} disabled={at === 0} onClick={() => setPlace(at - 1)} />
            <IconButton label="Next row" icon={ChevronRight} disabled={at >= preview.rows.length - 1} onClick={() => setPlace(at + 1)} />
          </div>
          <div className="max-h-72 overflow-y-auto" tabIndex={0} role="region" aria-label="A row">
            {view === "Tokens" ? <Tokens row={row} label={`Row ${at + 1}`} /> : <Conversation turns={row.turns} />}
          </div>
          {view === "Tokens" && (
            <div className="mt-2">
              <Legend />
            </div>
          )}
        </div>
      )}
      <Lengths preview={preview} />
    </div>
  );
}

function Lengths({ preview }: { preview: TokensPreview }) {
  const refused = Object.entries(preview.refused);
  const label = "Tokens of a row";
  return (
    <div className="space-y-2">
      <h3 className="text-[13px] font-medium">How long the rows are</h3>
      <Histogram edges={preview.edges} counts={preview.counts} label={label} maximum={preview.max_length} unit="tokens" />
      <p className="text-[13px] text-muted">
        {preview.whole ? `${preview.kept.toLocaleString("en")} rows` : `The first ${preview.read.toLocaleString("en")} rows`}, {Math.round(preview.mean).toLocaleString("en")} tokens on average, {preview.longest.toLocaleString("en")} at most;{" "}
        {Math.round(preview.learned_share * 100)} % of them are learned.
      </p>
      {preview.too_long > 0 && (
        <p className="text-[13px] text-warn">
          {preview.too_long.toLocaleString("en")} {preview.too_long === 1 ? "row is" : "rows are"} longer than {preview.max_length.toLocaleString("en")} tokens (red). Raise “Longest row”, or choose what becomes of them under All settings, Rows.
        </p>
      )}
      {refused.length > 0 && (
        <ul className="text-[13px] text-warn">
          {refused.map(([reason, count]) => (
            <li key={reason}>
              {count.toLocaleString("en")} × {reason}
            </li>
          ))}
        </ul>
      )}
      <HistogramTable edges={preview.edges} counts={preview.counts} label={label} />
    </div>
  );
}
