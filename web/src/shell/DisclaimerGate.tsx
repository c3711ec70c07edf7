/** Shows the disclaimer once to a person who has not accepted it yet. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { acceptDisclaimer, signOut, statusQuery } from "@/api/account";
import { keys, queryClient } from "@/api/queryClient";
import { Prose } from "@/chat/Prose";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { ErrorNote } from "@/kit/Feedback";

export function DisclaimerGate() {
  const { data: status } = useQuery(statusQuery);
  const refresh = () => queryClient.invalidateQueries({ queryKey: keys.status });
  const accept = useMutation({ mutationFn: acceptDisclaimer, onSuccess: refresh });
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => window.location.assign("/signin") });
  const open = Boolean(status?.signed_in && !status.disclaimer.accepted);
  return (
    <Dialog open={open} onClose={() => undefined} title="Before you start" description="Please read this once." hideTitle={false}>
      <Prose text={status?.disclaimer.text ?? ""} className="max-h-[50dvh] overflow-y-auto" />
      {accept.isError && <ErrorNote error={accept.error} className="mt-4" />}
      <div className="mt-6 flex justify-end gap-2">
        <Button variant="ghost" onClick={() => leave.mutate()}>
          Sign out
        </Button>
        <Button variant="primary" disabled={accept.isPending} onClick={() => accept.mutate()}>
          I understand and accept
        </Button>
      </div>
    </Dialog>
  );
}
