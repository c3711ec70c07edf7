/** Copies a text and says so. */
import Check from "lucide-react/icons/check";
import Copy from "lucide-react/icons/copy";
import { useState } from "react";
import { IconButton } from "./Button";

const COPIED_MILLISECONDS = 1500;

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused"); // the browser forbids it: the label says so
    }
    setTimeout(() => setState("idle"), COPIED_MILLISECONDS);
  };
  const words = { idle: label, copied: "Copied", refused: "The browser did not allow copying" };
  return <IconButton label={words[state]} icon={state === "copied" ? Check : Copy} onClick={() => void copy()} />;
}
