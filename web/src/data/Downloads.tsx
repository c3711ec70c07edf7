/** The files of a data set, and the same rows in any other format. */
import { useQuery } from "@tanstack/react-query";
import Download from "lucide-react/icons/download";
import { useState } from "react";
import { exportUrl, filesQuery, fileUrl, type CatalogueOut, type DatasetOut } from "@/api/data";
import { buttonClass } from "@/kit/Button";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { SelectField } from "@/kit/Field";

const about: Record<string, string> = {
  "train.parquet": "All fields of every row, for tools that read tables",
  "train.jsonl": "The rows in your format, one a line",
  "validation.parquet": "Kept aside to test with, all fields",
  "validation.jsonl": "Kept aside to test with, in your format",
  "test.parquet": "Kept aside for the last test, all fields",
  "test.jsonl": "Kept aside for the last test, in your format",
  "report.json": "What happened to every row, for programs",
  "report.html": "What happened to every row, as a page",
  "recipe.yaml": "The recipe: run it again here or on the command line",
  "dropped.parquet": "Every dropped row with its reason",
  "statistics.parquet": "Everything that was measured",
  "quarantine.jsonl": "Rows that could not be read, with the reason",
};
const types = ["jsonl", "json", "csv", "tsv", "parquet", "txt"] as const;
const tables: readonly string[] = ["csv", "tsv"];

export function Downloads({ dataset, catalogue }: { dataset: DatasetOut; catalogue: CatalogueOut }) {
  const { data, error, refetch } = useQuery(filesQuery(dataset.id, dataset.prepared));
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={6} />;
  return (
    <div className="grid gap-6 wide:grid-cols-[minmax(0,1fr)_320px]">
      <ul aria-label="Files" className="divide-y rounded-xl border bg-raised">
        {data.names.map((name) => (
          <li key={name} className="flex items-center gap-3 px-4 py-2">
            <div className="min-w-0 flex-1">
              <p className="font-medium">{name}</p>
              <p className="text-[13px] text-muted">{about[name] ?? ""}</p>
            </div>
            <a href={fileUrl(dataset.id, name)} download className={buttonClass("plain", true)} aria-label={`Download ${name}`}>
              <Download aria-hidden size={14} />
              Download
            </a>
          </li>
        ))}
      </ul>
      <Export dataset={dataset} catalogue={catalogue} />
    </div>
  );
}

function Export({ dataset, catalogue }: { dataset: DatasetOut; catalogue: CatalogueOut }) {
  const [format, setFormat] = useState(dataset.summary?.format || "messages");
  const [type, setType] = useState("jsonl");
  const splits = Object.keys(dataset.summary?.splits ?? {});
  const [split, setSplit] = useState("train");
  const formats = catalogue.formats.filter((one) => one.written);
  const nested = formats.find((one) => one.name === format)?.nested ?? false;
  const usable = types.filter((one) => !nested || !tables.includes(one));
  const chosen = usable.includes(type as (typeof types)[number]) ? type : "jsonl";
  return (
    <section aria-label="Another format" className="space-y-3 self-start rounded-xl border bg-raised px-4 py-4">
      <h3 className="font-semibold">Another format</h3>
      <SelectField label="Format" value={format} onChange={(event) => setFormat(event.target.value)} options={formats.map((one) => ({ value: one.name, label: one.title }))} />
      <SelectField label="Type of file" value={chosen} onChange={(event) => setType(event.target.value)} options={usable.map((one) => ({ value: one, label: `.${one}` }))} />
      {splits.length > 1 && <SelectField label="Part" value={split} onChange={(event) => setSplit(event.target.value)} options={splits.map((one) => ({ value: one, label: one }))} />}
      <a href={exportUrl(dataset.id, { format, type: chosen, split })} download className={buttonClass("plain")}>
        <Download aria-hidden size={16} />
        Export
      </a>
    </section>
  );
}
