/** Rows made by a chat model: what, of which documents or rows, by which model, and how much it may cost. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { statusQuery } from "@/api/account";
import { generateSource, type GenerateIn, type SourceOut } from "@/api/data";
import { collectionsQuery } from "@/api/documents";
import { modelsQuery } from "@/api/work";
import { Button } from "@/kit/Button";
import { ErrorNote } from "@/kit/Feedback";
import { SelectField, TextField } from "@/kit/Field";
import type { RecipeSource } from "./recipe";

type Kind = GenerateIn["kind"];
const kinds: readonly { value: Kind; label: string; about: string; fromTexts: boolean }[] = [
  { value: "questions", label: "Questions with answers, from documents", about: "Each answer quotes the place it comes from; pairs whose quote is not in the document are refused.", fromTexts: true },
  { value: "summaries", label: "Summaries, from documents", about: "A short text for each passage; summaries with words the passage has not are refused.", fromTexts: true },
  { value: "evolve", label: "Harder instructions, from rows", about: "Instructions are made deeper, broader or more concrete step by step, then answered.", fromTexts: false },
  { value: "align", label: "Better answers, from rows", about: "The model criticises answers by principles and revises them: pairs of a better and a worse answer.", fromTexts: false },
];
const isTable = (name: string) => /\.(jsonl|json|ndjson|csv|tsv|parquet|pq|arrow|feather|ipc|xlsx|zip)(\.(gz|xz|bz2))?$/i.test(name);
const COLLECTION = "collection:";
const FILE = "file:";

interface GenerateFormProps {
  sources: readonly SourceOut[];
  used: readonly RecipeSource[];
  onBegun: (jobId: string) => void;
}

export function GenerateForm({ sources, used, onBegun }: GenerateFormProps) {
  const { data: collections = [] } = useQuery(collectionsQuery);
  const { data: models = [] } = useQuery(modelsQuery);
  const { data: status } = useQuery(statusQuery);
  const [kind, setKind] = useState<Kind>("questions");
  const [from, setFrom] = useState("");
  const [model, setModel] = useState("");
  const [rows, setRows] = useState("100");
  const [requests, setRequests] = useState("");
  const [tokens, setTokens] = useState("");
  const about = kinds.find((one) => one.value === kind);
  const origins = [
    ...(about?.fromTexts ? collections.map((one) => ({ value: COLLECTION + one.id, label: `Collection: ${one.name}` })) : []),
    ...sources.filter((one) => isTable(one.name) !== about?.fromTexts).map((one) => ({ value: FILE + one.id, label: one.name })),
  ];
  const chosen = origins.some((one) => one.value === from) ? from : "";
  const usable = models.filter((one) => one.task === "chat" && one.installed);
  const standard = status?.chat_model ?? null;
  const asked = model || standard;
  // A model behind an address has no weights here; its plan says where what it is asked goes.
  const elsewhere = usable.find((one) => one.name === asked && one.size_bytes === 0);
  const generate = useMutation({
    mutationFn: () => generateSource(order()),
    onSuccess: (started) => onBegun(started.job_id),
  });
  const order = (): GenerateIn => {
    const source = chosen.startsWith(FILE) ? sources.find((one) => FILE + one.id === chosen) : undefined;
    return {
      kind,
      collection_id: source ? null : chosen.slice(COLLECTION.length),
      source_id: source?.id ?? null,
      mapping: used.find((one) => one.path === source?.name)?.mapping ?? {},
      model: model || null,
      rows: Number(rows),
      requests: requests ? Number(requests) : null,
      tokens: tokens ? Number(tokens) : null,
      seed: 0,
    };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    generate.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3 rounded-xl border bg-raised px-4 py-4">
      <SelectField label="What to make" options={kinds} value={kind} onChange={(event) => setKind(event.target.value as Kind)} />
      <p className="text-[13px] text-muted">{about?.about}</p>
      {origins.length ? (
        <SelectField label="From" options={[{ value: "", label: "Choose…" }, ...origins]} value={chosen} onChange={(event) => setFrom(event.target.value)} />
      ) : (
        <p className="rounded-lg bg-warn-soft px-3 py-2 text-warn">{about?.fromTexts ? "There is no document yet. Add some on the page Documents, or upload one here." : "There is no file of rows yet. Upload one above."}</p>
      )}
      <SelectField
        label="Model"
        options={[{ value: "", label: standard ? `The usual one: ${standard}` : "No usual model" }, ...usable.filter((one) => one.name !== standard).map((one) => ({ value: one.name, label: one.title }))]}
        value={model}
        onChange={(event) => setModel(event.target.value)}
      />
      {elsewhere && <p className="text-[13px] text-warn">{elsewhere.plan}</p>}
      <div className="grid gap-3 sm:grid-cols-3">
        <TextField label="Rows at most" inputMode="numeric" value={rows} onChange={(event) => setRows(digits(event.target.value))} />
        <TextField label="Requests at most" placeholder="no limit" inputMode="numeric" value={requests} onChange={(event) => setRequests(digits(event.target.value))} />
        <TextField label="Tokens at most" placeholder="no limit" inputMode="numeric" value={tokens} onChange={(event) => setTokens(digits(event.target.value))} />
      </div>
      <p className="text-[13px] text-muted">A model on a processor needs some seconds for a request. It is a job: stop it or leave the page, answers so far are kept, and asking again goes on.</p>
      {generate.error && <ErrorNote error={generate.error} />}
      <Button type="submit" variant="primary" disabled={!chosen || !Number(rows) || asked === null || generate.isPending}>
        Make rows
      </Button>
    </form>
  );
}

const digits = (text: string) => text.replace(/\D/g, "");
