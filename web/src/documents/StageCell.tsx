/** The state of one document: a word, a bar where something is measured, and why it failed. */
import CircleAlert from "lucide-react/icons/circle-alert";
import CircleCheck from "lucide-react/icons/circle-check";
import Clock from "lucide-react/icons/clock";
import LoaderCircle from "lucide-react/icons/loader-circle";
import TriangleAlert from "lucide-react/icons/triangle-alert";
import type { DocumentOut } from "@/api/types";
import { cx } from "@/kit/cx";
import { ProgressBar } from "@/kit/Feedback";
import type { Stage } from "./stage";

const icons = { waiting: Clock, working: LoaderCircle, ready: CircleCheck, failed: CircleAlert };
const colours = { waiting: "text-muted", working: "text-accent", ready: "text-good", failed: "text-bad" };

export function StageCell({ document, stage }: { document: DocumentOut; stage: Stage }) {
  const Icon = icons[stage.kind];
  return (
    <div className="min-w-0 space-y-1">
      <p className="flex items-start gap-2">
        <Icon aria-hidden size={16} className={cx("mt-0.5 shrink-0", colours[stage.kind], stage.kind === "working" && "animate-spin")} />
        <span className={cx("min-w-0 break-words", stage.kind === "failed" && "text-bad")}>{stage.text}</span>
      </p>
      {stage.progress && (
        <div className="pl-6">
          <ProgressBar done={stage.progress.done} total={stage.progress.total} label={`${document.name}: ${stage.text}`} />
        </div>
      )}
      {stage.kind === "failed" && document.hint && <p className="pl-6 text-[13px] break-words text-muted">{document.hint}</p>}
      {document.warnings.length > 0 && stage.kind !== "failed" && (
        <details className="pl-6 text-[13px] text-muted">
          <summary className="inline-flex items-center gap-1.5 hover:text-fg">
            <TriangleAlert aria-hidden size={13} className="text-warn" />
            {document.warnings.length === 1 ? "1 remark" : `${document.warnings.length} remarks`}
          </summary>
          <ul className="list-disc pl-4">
            {document.warnings.map((warning) => (
              <li key={warning} className="break-words">
                {warning}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
