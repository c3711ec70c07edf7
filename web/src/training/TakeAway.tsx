/** The result as files: the adapter at once, whole models after a job has merged them. */
import { useMutation, useQuery } from "@tanstack/react-query";
import Download from "lucide-react/icons/download";
import LoaderCircle from "lucide-react/icons/loader-circle";
import { queryClient } from "@/api/queryClient";
import { downloadUrl, exportRun, serveRun, trainingKeys, type ExportForm, type RunDetail } from "@/api/training";
import { isRunning, jobsQuery } from "@/api/work";
import { Button, buttonClass } from "@/kit/Button";
import { size } from "@/kit/format";
import { showToast } from "@/kit/toasts";
import { formTexts } from "./words";

export function TakeAway({ run }: { run: RunDetail }) {
  const { data: jobs } = useQuery(jobsQuery);
  const mine = jobs?.filter((job) => job.kind === "export_run" && job.subject === run.name) ?? [];
  const busy = mine.some(isRunning);
  const failed = !busy && mine[0]?.state === "failed" ? mine[0] : undefined;
  const make = useMutation({
    mutationFn: (form: ExportForm) => exportRun(run.name, form),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: trainingKeys.run(run.name) }),
    onError: (error) => showToast(error.message, "bad"),
  });
  const serve = useMutation({
    mutationFn: () => serveRun(run.name),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: trainingKeys.run(run.name) }),
    onError: (error) => showToast(error.message, "bad"),
  });
  const isAtWork = run.state !== "done" && run.state !== "stopped";
  const makesText = run.exports.some(({ form }) => form === "gguf");
  return (
    <details className="rounded-xl border bg-raised">
      <summary className="px-4 py-2.5 font-medium">Take it away</summary>
      <ul className="divide-y border-t">
        {run.served === null && makesText && !isAtWork && (
          <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
            <span className="min-w-0 flex-1">
              Chat with it here <span className="text-[13px] text-muted">It is not among the models yet; why is in the log.</span>
            </span>
            <Button small disabled={busy || serve.isPending} icon={busy ? LoaderCircle : undefined} onClick={() => serve.mutate()}>
              {busy ? "Being made" : "Let it answer"}
            </Button>
          </li>
        )}
        {run.exports.map(({ form, ready, size: bytes }) => (
          <li key={form} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
            <span className="min-w-0 flex-1">
              {formTexts[form].title} <span className="text-[13px] text-muted">{formTexts[form].about}</span>
            </span>
            {bytes !== null && <span className="text-[13px] text-muted">{size(bytes)}</span>}
            {ready ? (
              <a href={downloadUrl(run.name, form)} download className={buttonClass("plain", true)}>
                <Download aria-hidden size={14} />
                Download
              </a>
            ) : (
              <Button small disabled={busy || make.isPending} icon={busy ? LoaderCircle : undefined} onClick={() => make.mutate(form)}>
                {busy ? "Being made" : "Make it"}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {failed?.error && (
        <p role="alert" className="border-t px-4 py-2 text-[13px] text-bad">
          {failed.error} <span className="text-muted">{failed.hint}</span>
        </p>
      )}
    </details>
  );
}
