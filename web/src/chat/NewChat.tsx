/** The start of a conversation: what to do first, with questions that work where the sample is there. */
import { useMutation, useQuery } from "@tanstack/react-query";
import FileUp from "lucide-react/icons/file-up";
import { useRef } from "react";
import { collectionsQuery } from "@/api/documents";
import { Button } from "@/kit/Button";
import { ErrorNote } from "@/kit/Feedback";
import { Logo } from "@/kit/Logo";
import { addSample, SAMPLE_COLLECTION, SAMPLE_QUESTIONS } from "@/setup/sample";
import type { Picks } from "./Composer";

interface NewChatProps {
  picks: Picks;
  onAsk: (question: string) => void;
  onFiles: (files: File[]) => void;
}

export function NewChat({ picks, onAsk, onFiles }: NewChatProps) {
  const { data: collections } = useQuery(collectionsQuery);
  const sample = collections?.find((one) => one.name === SAMPLE_COLLECTION);
  const asksSample = sample !== undefined && picks.collectionIds.includes(sample.id);
  const empty = collections !== undefined && collections.every((one) => one.document_count === 0);
  return (
    <div className="flex min-h-0 flex-1 flex-col items-center justify-center overflow-y-auto px-6 py-8 text-center">
      <Logo size={48} />
      <h2 className="mt-5 text-2xl font-semibold tracking-tight">What would you like to know?</h2>
      <p className="mt-2 max-w-md text-muted">
        {empty
          ? "Drop a file anywhere on this page and ask about it. It never leaves this machine."
          : "Every sentence of an answer is tied to a passage that you can open. What your documents do not say is not made up."}
      </p>
      {empty && <FirstSteps picks={picks} onFiles={onFiles} />}
      {asksSample && (
        <ul className="mt-8 flex max-w-xl flex-wrap justify-center gap-2">
          {SAMPLE_QUESTIONS.map((question) => (
            <li key={question}>
              <button type="button" onClick={() => onAsk(question)} className="rounded-full border bg-raised px-4 py-2 text-left hover:border-accent hover:text-accent">
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function FirstSteps({ picks, onFiles }: { picks: Picks; onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const sample = useMutation({ mutationFn: addSample, onSuccess: (collection) => picks.pickCollections([collection.id]) });
  return (
    <div className="mt-6 space-y-3">
      <input ref={input} type="file" multiple hidden onChange={(event) => onFiles([...(event.target.files ?? [])])} />
      <div className="flex flex-wrap justify-center gap-2">
        <Button variant="primary" icon={FileUp} onClick={() => input.current?.click()}>
          Add files
        </Button>
        <Button onClick={() => sample.mutate()} disabled={sample.isPending}>
          Try it with a sample
        </Button>
      </div>
      {sample.isError && <ErrorNote error={sample.error} className="text-left" />}
    </div>
  );
}
