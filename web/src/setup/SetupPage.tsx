/** The first run, three steps on one page: an account, models, something to ask. */
import { useQuery } from "@tanstack/react-query";
import Check from "lucide-react/icons/check";
import { useEffect, useState, type ReactNode } from "react";
import { statusQuery } from "@/api/account";
import { cx } from "@/kit/cx";
import { AccountStep } from "./AccountStep";
import { FirstDocumentStep } from "./FirstDocumentStep";
import { Frame } from "./Frame";
import { ModelsStep } from "./ModelsStep";

export function SetupPage() {
  const { data: status } = useQuery(statusQuery);
  const [modelsSeen, setModelsSeen] = useState(false);
  useEffect(() => {
    document.title = "Set up · Headwater";
  }, []);
  if (!status) return null;
  const step = status.needs_setup || !status.signed_in ? 1 : modelsSeen ? 3 : 2;
  return (
    <Frame wide title="Welcome to Headwater" subtitle="Ask your own documents, on your own machine. Three short steps.">
      <ol className="space-y-4">
        <Step number={1} at={step} title="Your account" done={status.user ? `Signed in as ${status.user.name}.` : null}>
          <AccountStep disclaimer={status.disclaimer.text} />
        </Step>
        <Step number={2} at={step} title="Models" done={status.models_ready ? "Everything needed is installed." : "You can install models later, on the page Models."}>
          <ModelsStep onNext={() => setModelsSeen(true)} />
        </Step>
        <Step number={3} at={step} title="Something to ask" done={null}>
          <FirstDocumentStep />
        </Step>
      </ol>
    </Frame>
  );
}

function Step({ number, at, title, done, children }: { number: number; at: number; title: string; done: string | null; children: ReactNode }) {
  const isDone = at > number;
  const isHere = at === number;
  return (
    <li aria-current={isHere ? "step" : undefined} className={cx("rounded-xl border p-5", isHere ? "bg-raised" : "bg-transparent")}>
      <h2 className={cx("flex items-center gap-3 text-base font-semibold", !isHere && "text-muted")}>
        <span className={cx("flex size-6 items-center justify-center rounded-full text-[13px]", isDone ? "bg-good-soft text-good" : isHere ? "bg-accent text-on-accent" : "bg-hover text-muted")}>
          {isDone ? <Check aria-label="Done" size={14} /> : number}
        </span>
        {title}
      </h2>
      {isDone && done && <p className="mt-1 pl-9 text-muted">{done}</p>}
      {isHere && <div className="mt-5">{children}</div>}
    </li>
  );
}
