/** Install a model whose licence has to be accepted first. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { keys, queryClient } from "@/api/queryClient";
import type { ModelOut } from "@/api/types";
import { pullModel } from "@/api/work";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { ErrorNote } from "@/kit/Feedback";
import { Check } from "@/kit/Field";
import { size } from "@/kit/format";

/** Start installing; the argument says whether the licence was accepted just now. */
export function usePull(name: string, onStarted: () => void) {
  return useMutation({
    mutationFn: (acceptLicence: boolean) => pullModel(name, acceptLicence),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: keys.jobs });
      void queryClient.invalidateQueries({ queryKey: keys.models });
      onStarted();
    },
  });
}

interface PullDialogProps {
  model: ModelOut;
  pull: ReturnType<typeof usePull>;
  onClose: () => void;
}

export function PullDialog({ model, pull, onClose }: PullDialogProps) {
  const [accepted, setAccepted] = useState(false);
  return (
    <Dialog open onClose={onClose} title={`Install ${model.title}`} description={`${size(model.size_bytes)}. ${model.plan}`}>
      <p>
        This model comes under <strong>{model.licence}</strong>.{" "}
        {model.licence_url ? (
          <>
            Its terms are at{" "}
            <a href={model.licence_url} target="_blank" rel="noopener noreferrer" className="break-all text-accent underline underline-offset-2">
              {model.licence_url}
            </a>
            .
          </>
        ) : null}
      </p>
      {model.licence_text && <p className="mt-3 max-h-40 overflow-y-auto rounded-lg bg-panel p-3 text-[13px] whitespace-pre-line text-muted">{model.licence_text}</p>}
      <Check className="mt-4" label="I have read the terms and accept them" checked={accepted} onChange={(event) => setAccepted(event.target.checked)} />
      {pull.isError && <ErrorNote error={pull.error} className="mt-4" />}
      <div className="mt-6 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" disabled={!accepted || pull.isPending} onClick={() => pull.mutate(true)}>
          Install
        </Button>
      </div>
    </Dialog>
  );
}
