/** A text with what was taken out of it and what was put in. */
import { useMemo } from "react";
import { diff } from "./diff";

const SHOWN = 900;

export function Diff({ before, after, whole = false }: { before: string; after: string; whole?: boolean }) {
  const pieces = useMemo(() => diff(before, after), [before, after]);
  let left = whole ? Infinity : SHOWN;
  return (
    <p className="break-words whitespace-pre-wrap">
      {pieces.map((piece, index) => {
        if (left <= 0) return null;
        const text = piece.text.length > left ? `${piece.text.slice(0, left)}…` : piece.text;
        left -= piece.text.length;
        if (piece.kind === "gone")
          return (
            <del key={index} className="rounded-[2px] bg-bad-soft text-bad decoration-bad">
              {text}
            </del>
          );
        if (piece.kind === "new")
          return (
            <ins key={index} className="rounded-[2px] bg-good-soft text-good decoration-good">
              {text}
            </ins>
          );
        return <span key={index}>{text}</span>;
      })}
    </p>
  );
}
