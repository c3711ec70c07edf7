/** Step 3: the sample, or straight to the chat. */
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import BookOpen from "lucide-react/icons/book-open";
import { Button } from "@/kit/Button";
import { ErrorNote } from "@/kit/Feedback";
import { writeStored } from "@/kit/stored";
import { addSample } from "./sample";

export function FirstDocumentStep() {
  const navigate = useNavigate();
  const sample = useMutation({
    mutationFn: addSample,
    onSuccess: (collection) => {
      writeStored("picked-collections", JSON.stringify([collection.id]));
      void navigate({ to: "/chat" });
    },
  });
  return (
    <div className="space-y-4">
      <p className="text-muted">Try it with a short guide to Headwater, or drop a file of your own into the chat.</p>
      {sample.isError && <ErrorNote error={sample.error} />}
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" icon={BookOpen} disabled={sample.isPending} onClick={() => sample.mutate()}>
          Ask the sample
        </Button>
        <Button onClick={() => void navigate({ to: "/chat" })}>Start with my own files</Button>
      </div>
    </div>
  );
}
