/** A new run: rows, base, settings; beside them the plan and the rows as the model will see them. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import ArrowLeft from "lucide-react/icons/arrow-left";
import Play from "lucide-react/icons/play";
import { useEffect, useState } from "react";
import { queryClient } from "@/api/queryClient";
import { createRuns, formQuery, runConfigQuery, trainingKeys, type TrainingForm, type Values } from "@/api/training";
import { Button } from "@/kit/Button";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { SelectField, TextField } from "@/kit/Field";
import { PageHeader } from "@/shell/PageHeader";
import { ConfigForm } from "./ConfigForm";
import { DataPick } from "./DataPick";
import { valueAt, withValue } from "./fields";
import { PlanCard } from "./PlanCard";
import { PreviewCard } from "./PreviewCard";
import { YamlBox } from "./YamlBox";

export interface NewRunSearch {
  clone?: string;
}
const route = getRouteApi("/app/train/new");
const SETTLE_MILLISECONDS = 500;

export function NewRunPage() {
  const { clone } = route.useSearch();
  const form = useQuery(formQuery);
  const source = useQuery({ ...runConfigQuery(clone ?? ""), enabled: clone !== undefined });
  const error = form.error ?? source.error;
  const ready = form.data && (clone === undefined || source.data);
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <PageHeader
        title="New run"
        before={
          <Link to="/train" aria-label="All runs" className="icon-button">
            <ArrowLeft aria-hidden size={16} />
          </Link>
        }
      />
      <div role="region" aria-label="New run" tabIndex={0} className="min-h-0 flex-1 overflow-y-auto px-4 py-6 wide:px-6">
        <div className="mx-auto max-w-6xl">
          {error && <ErrorNote error={error} />}
          {!ready && !error && <Skeleton lines={8} />}
          {ready && <Editor key={clone} form={form.data} initial={source.data ? withValue(source.data.config, "name", undefined) : startOf(form.data)} />}
        </div>
      </div>
    </div>
  );
}

const startOf = (form: TrainingForm): Values => ({ model: { base: form.bases[0] ?? "tiny" } });

function Editor({ form, initial }: { form: TrainingForm; initial: Values }) {
  const navigate = useNavigate();
  const [config, setConfig] = useState(initial);
  const settled = useSettled(config);
  const set = (place: string, value: unknown) => setConfig((known) => withValue(known, place, value));
  const hasRows = Array.isArray(valueAt(config, "data.train")) && (valueAt(config, "data.train") as unknown[]).length > 0;
  const start = useMutation({
    mutationFn: () => createRuns(config),
    onSuccess: async (made) => {
      void queryClient.invalidateQueries({ queryKey: trainingKeys.runs });
      const only = made.length === 1 ? made[0] : undefined;
      await (only ? navigate({ to: "/train/$runName", params: { runName: only.name }, search: {} }) : navigate({ to: "/train" }));
    },
  });
  const ready = Array.isArray(valueAt(settled, "data.train")) && (valueAt(settled, "data.train") as unknown[]).length > 0;
  return (
    <div className="grid grid-cols-1 gap-6 min-[1000px]:grid-cols-[minmax(0,1fr)_minmax(0,420px)]">
      <div className="min-w-0 space-y-8">
        {!form.installed && <ErrorNote error="The part that trains is not installed here. Install it with: pip install 'headwater[train]', then start the server again." />}
        <Step number={1} title="Rows to learn from">
          <DataPick config={config} form={form} onChange={setConfig} />
        </Step>
        <Step number={2} title="Model to teach">
          <div className="grid grid-cols-1 gap-4 wide:grid-cols-2">
            <SelectField label="Base model" value={String(valueAt(config, "model.base") ?? "")} options={basesOf(form, String(valueAt(config, "model.base") ?? ""))} onChange={(event) => set("model.base", event.target.value)} />
            <TextField label="Name of the new model" placeholder="made from the base" hint="It is asked by this name." value={String(valueAt(config, "name") ?? "")} maxLength={64} onChange={(event) => set("name", event.target.value || undefined)} />
          </div>
          {form.bases.length === 1 && (
            <p className="mt-2 text-muted">
              No language model is installed.{" "}
              <Link to="/models" className="text-accent underline">
                Get one on the Models page
              </Link>{" "}
              to teach something real.
            </p>
          )}
          <p className="mt-2 text-[13px] text-muted">Only you will be able to ask the new model.</p>
        </Step>
        <Step number={3} title="How it learns">
          <ConfigForm schema={form.form} config={config} onChange={setConfig} />
        </Step>
        <YamlBox config={config} hasRows={hasRows} onChange={setConfig} />
        {start.error && <ErrorNote error={start.error} className="whitespace-pre-line" />}
        <div className="flex items-center gap-3">
          <Button variant="primary" icon={Play} disabled={!hasRows || !form.installed || start.isPending} onClick={() => start.mutate()}>
            {start.isPending ? "Starting…" : "Start training"}
          </Button>
          {!hasRows && <span className="text-muted">Choose rows first.</span>}
        </div>
      </div>
      <aside aria-label="What will happen" className="min-w-0 space-y-6 min-[1000px]:sticky min-[1000px]:top-0 min-[1000px]:self-start">
        <PlanCard config={ready ? settled : null} gpu={form.gpu} threads={form.threads} />
        <PreviewCard config={ready ? settled : null} />
      </aside>
    </div>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-3 flex items-center gap-2.5 font-semibold">
        <span aria-hidden className="flex size-6 items-center justify-center rounded-full bg-accent-soft text-[13px] text-accent">
          {number}
        </span>
        {title}
      </h2>
      {children}
    </section>
  );
}

/** The bases that are here; one that a cloned config names and that is gone is shown as what it is. */
function basesOf(form: TrainingForm, chosen: string) {
  const here = form.bases.map((name) => ({ value: name, label: name === "tiny" ? "tiny (random, to try things out)" : name }));
  return chosen && !form.bases.includes(chosen) ? [{ value: chosen, label: `${chosen} (not installed)` }, ...here] : here;
}

/** The value once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
