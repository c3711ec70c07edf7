/** ‹ 2/3 ›: the versions of one turn. */
import ChevronLeft from "lucide-react/icons/chevron-left";
import ChevronRight from "lucide-react/icons/chevron-right";
import { IconButton } from "@/kit/Button";
import type { Turn } from "./branches";

export function VersionSwitch({ turn, onSwitch }: { turn: Turn; onSwitch: (messageId: string) => void }) {
  const total = turn.siblings.length;
  if (total < 2) return null;
  const go = (step: number) => {
    const next = turn.siblings[turn.index + step];
    if (next) onSwitch(next.id);
  };
  return (
    <span className="inline-flex items-center" role="group" aria-label="Versions">
      <IconButton label="Earlier version" icon={ChevronLeft} disabled={turn.index === 0} onClick={() => go(-1)} className="size-7" />
      <span className="min-w-8 text-center text-[13px] text-muted">
        {turn.index + 1}/{total}
      </span>
      <IconButton label="Later version" icon={ChevronRight} disabled={turn.index === total - 1} onClick={() => go(1)} className="size-7" />
    </span>
  );
}
