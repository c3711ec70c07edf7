/** The text of a page as it was extracted, with passages marked. */
import { useEffect, useMemo, useRef } from "react";
import { cx } from "@/kit/cx";
import { segments, type Range } from "./offsets";

export function PageText({ text, ranges }: { text: string; ranges: readonly Range[] }) {
  const parts = useMemo(() => segments(text, ranges), [text, ranges]);
  const active = useRef<HTMLElement>(null);
  useEffect(() => {
    void active.current?.scrollIntoView({ block: "center" });
  }, [parts]);
  if (!text.trim()) return <p className="p-6 text-muted">This page has no text.</p>;
  return (
    <div className="px-6 py-5 text-[15px] leading-relaxed break-words whitespace-pre-wrap">
      {parts.map((part, index) =>
        part.range ? (
          <mark key={index} ref={part.range.active ? active : undefined} className={cx(!part.range.active && "opacity-80")} data-active={part.range.active || undefined}>
            {part.range.tag !== undefined && <RangeTag tag={part.range.tag} />}
            {part.text}
          </mark>
        ) : (
          part.text
        ),
      )}
    </div>
  );
}

const RangeTag = ({ tag }: { tag: number }) => (
  <span className="mr-1 inline-block min-w-5 rounded bg-black px-1 text-center text-[12px] leading-5 text-white select-none">{tag}</span>
);
