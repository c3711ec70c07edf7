/** Markdown without citations, such as the disclaimer. */
import { lazy, Suspense } from "react";
import { cx } from "@/kit/cx";

const Markdown = lazy(() => import("./Markdown"));
const noNumbers: readonly number[] = [];
const noMark = () => null;

export function Prose({ text, className }: { text: string; className?: string }) {
  return (
    <div className={cx("prose", className)}>
      <Suspense fallback={<p className="whitespace-pre-line">{text}</p>}>
        <Markdown text={text} numbers={noNumbers} renderMark={noMark} />
      </Suspense>
    </div>
  );
}
