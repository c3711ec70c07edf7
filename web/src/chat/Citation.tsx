/** The number in an answer: hover shows the passage, a click opens its page. */
import type { CitationOut } from "@/api/types";
import { HoverPassage } from "@/kit/HoverPassage";
import { place } from "@/kit/format";
import { excerpt, quotedSpans } from "./quotedRanges";

interface CitationProps {
  citation: CitationOut;
  /** The answer that cites. */
  content: string;
  selected: boolean;
  onOpen: () => void;
}

export function Citation({ citation, content, selected, onOpen }: CitationProps) {
  const where = [citation.document, place(citation)].filter(Boolean).join(", ");
  return (
    <HoverPassage
      title={citation.document}
      place={place(citation)}
      quote={excerpt(citation, quotedSpans(content, citation))}
      trigger={
        <button
          type="button"
          data-citation={citation.number}
          aria-label={`Source ${citation.number}: ${where}`}
          aria-pressed={selected}
          onClick={onOpen}
          className="mx-0.5 inline-flex h-6 min-w-6 items-center justify-center rounded-md bg-accent-soft px-1.5 align-baseline text-[13px] leading-none font-semibold text-accent hover:bg-accent hover:text-on-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
        >
          {citation.number}
        </button>
      }
    />
  );
}
