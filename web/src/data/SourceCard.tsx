/** One file: what it holds, and how to read it when that is not plain. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import FileText from "lucide-react/icons/file-text";
import Trash2 from "lucide-react/icons/trash-2";
import { lookQuery, type FormatOut, type LookOut, type SourceOut } from "@/api/data";
import { Button, IconButton } from "@/kit/Button";
import { Badge, ErrorNote, Skeleton } from "@/kit/Feedback";
import { count, size } from "@/kit/format";
import { Mapping } from "./Mapping";
import { ReadingChoices } from "./ReadingChoices";
import type { RecipeSource } from "./recipe";
import { fieldText } from "./words";

interface SourceCardProps {
  source: RecipeSource;
  file: SourceOut | undefined;
  formats: readonly FormatOut[];
  onChange: (source: RecipeSource) => void;
  onRemove: () => void;
}

export function SourceCard({ source, file, formats, onChange, onRemove }: SourceCardProps) {
  const reading = { format: source.format ?? null, mapping: source.mapping ?? {}, text_unit: source.text_unit ?? ("line" as const) };
  const look = useQuery({ ...lookQuery(file?.id ?? "", reading), enabled: file !== undefined, placeholderData: keepPreviousData });
  const found = look.isError ? undefined : look.data;
  return (
    <li className="rounded-xl border bg-raised" data-source={source.path}>
      <div className="flex items-start gap-3 py-3 pr-2 pl-4">
        <FileText aria-hidden size={18} className="mt-0.5 shrink-0 text-muted" />
        <div className="min-w-0 flex-1">
          <p className="font-medium break-words">{source.path}</p>
          <p className="text-[13px] text-muted">
            {file ? size(file.size) : "not uploaded any more"}
            {found && ` · ${found.whole ? "" : "the first "}${count(found.rows, "row")}`}
          </p>
          {file?.origin && <p className="text-[13px] break-all text-muted">{file.origin}</p>}
        </div>
        {found && <Told look={found} mapped={source.mapping !== undefined} />}
        <IconButton label={`Take out ${source.path}`} icon={Trash2} onClick={onRemove} />
      </div>
      <div className="space-y-3 border-t px-4 py-3 empty:hidden">
        {look.isPending && file && <Skeleton lines={2} />}
        {look.error && <ErrorNote error={look.error} />}
        {look.error && (source.mapping || source.format) && (
          <Button small onClick={() => onChange({ path: source.path })}>
            Forget how it was read
          </Button>
        )}
        {found && found.bad > 0 && (
          <p className="text-[13px] text-warn">
            {count(found.bad, "row")} cannot be read, the first in row {found.bad_rows[0]?.row}: {found.bad_rows[0]?.reason}
          </p>
        )}
        {found && <Mapping key={found.columns.join()} look={found} source={source} onChange={onChange} />}
        {found && found.samples.length > 0 && <Samples look={found} />}
        {file && <ReadingChoices source={source} look={found} formats={formats} onChange={onChange} />}
      </div>
    </li>
  );
}

function Told({ look, mapped }: { look: LookOut; mapped: boolean }) {
  if (look.format === null) return <Badge tone="warn">Which column is what?</Badge>;
  return <Badge tone="good">{mapped ? "Your columns" : (look.title ?? look.format)}</Badge>;
}

function Samples({ look }: { look: LookOut }) {
  return (
    <details open={look.samples.length > 0}>
      <summary className="text-[13px] text-accent">How its rows are understood</summary>
      <ol className="mt-2 max-h-72 space-y-2 overflow-y-auto" tabIndex={0} aria-label={`First rows of ${look.name}`}>
        {look.samples.map((sample, index) => (
          <li key={index} className="rounded-lg bg-panel px-3 py-2 text-[13px]">
            {sample.texts.map((text, at) => (
              <p key={at} className="break-words">
                <span className="text-muted">{fieldText(text.field)}: </span>
                {text.text.length > 240 ? `${text.text.slice(0, 240)}…` : text.text}
              </p>
            ))}
          </li>
        ))}
      </ol>
    </details>
  );
}
