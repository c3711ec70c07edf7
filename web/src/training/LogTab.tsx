/** What happened, in words, and what the training process printed. */
import { useQuery } from "@tanstack/react-query";
import { logQuery, type RunDetail } from "@/api/training";
import { CopyButton } from "@/kit/CopyButton";
import { cx } from "@/kit/cx";
import { ErrorNote, Skeleton } from "@/kit/Feedback";

const clock = (time: number) => new Date(time * 1000).toLocaleTimeString("en-GB");

export function LogTab({ run }: { run: RunDetail }) {
  const log = useQuery(logQuery(run.name));
  if (log.error) return <ErrorNote error={log.error} onRetry={() => void log.refetch()} />;
  if (!log.data) return <Skeleton lines={6} />;
  return (
    <div className="space-y-6">
      {log.data.events.length === 0 && <p className="text-muted">Nothing has happened yet.</p>}
      {log.data.events.length > 0 && (
        <ol aria-label="Events" className="divide-y rounded-xl border bg-raised">
          {[...log.data.events].reverse().map((event, index) => (
            <li key={index} className="flex flex-wrap gap-x-4 px-4 py-2">
              <span className="w-16 shrink-0 text-[13px] leading-6 text-muted">{clock(event.time)}</span>
              <span className="w-24 shrink-0 text-[13px] leading-6 text-muted">{event.kind}</span>
              <span className={cx("min-w-0 flex-1 basis-60 break-words", event.kind === "error" && "text-bad")}>{event.text}</span>
            </li>
          ))}
        </ol>
      )}
      <section aria-label="Output">
        <div className="mb-2 flex items-center gap-2">
          <h2 className="font-semibold">Output of the process</h2>
          {log.data.text && <CopyButton text={log.data.text} label="Copy the output" />}
        </div>
        {log.data.text ? (
          <pre tabIndex={0} className="max-h-96 overflow-auto rounded-xl border bg-panel px-4 py-3 font-mono text-[13px] whitespace-pre-wrap">
            {log.data.text}
          </pre>
        ) : (
          <p className="text-muted">It printed nothing.</p>
        )}
      </section>
    </div>
  );
}
