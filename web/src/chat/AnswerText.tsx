/** An answer's words, with its citations as buttons. Plain text until the Markdown chunk is here. */
import { lazy, Suspense, useCallback } from "react";
import type { CitationOut } from "@/api/types";
import { cx } from "@/kit/cx";
import { Citation } from "./Citation";

const Markdown = lazy(() => import("./Markdown"));

interface AnswerTextProps {
  /** Words of the documents, not of a model: set off as a quotation. */
  quoted: boolean;
  text: string;
  citations: readonly CitationOut[];
  selected: number | null;
  onCite: (number: number) => void;
}

/** While an answer is written its numbers are final, but what they stand for comes at the end: they cannot be pressed yet. */
const LIVE_NUMBERS = Array.from({ length: 99 }, (_, index) => index + 1);
const liveMark = (number: number) => (
  <span className="mx-0.5 inline-flex h-6 min-w-6 items-center justify-center rounded-md bg-hover px-1.5 text-[13px] leading-none font-semibold text-muted">{number}</span>
);

export function LiveText({ text }: { text: string }) {
  return (
    <div className="prose prose-answer caret">
      <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
        <Markdown text={text} numbers={LIVE_NUMBERS} renderMark={liveMark} />
      </Suspense>
    </div>
  );
}

export function AnswerText({ quoted, text, citations, selected, onCite }: AnswerTextProps) {
  const renderMark = useCallback(
    (number: number) => {
      const citation = citations.find((one) => one.number === number);
      return citation ? <Citation citation={citation} content={text} selected={selected === number} onOpen={() => onCite(number)} /> : `[${number}]`;
    },
    [citations, selected, onCite, text],
  );
  return (
    <div className={cx("prose prose-answer", quoted && "border-l-2 border-accent pl-4")}>
      <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
        <Markdown text={text} numbers={citations.map((one) => one.number)} renderMark={renderMark} />
      </Suspense>
    </div>
  );
}
