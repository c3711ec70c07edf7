/** The picture of a page with boxes laid over its passages. Boxes are fractions, so they are right at every size. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { boxesQuery, pictureUrl } from "@/api/documents";
import type { BoxOut, PageOut } from "@/api/types";
import { cx } from "@/kit/cx";
import { ErrorNote } from "@/kit/Feedback";
import type { Range } from "./offsets";

interface PagePictureProps {
  documentId: string;
  versionId: string | null;
  name: string;
  page: PageOut;
  ranges: readonly Range[];
}

/** Two sizes only, so that the server and the browser can keep what they have drawn. */
const WIDTHS = [1000, 1800] as const;

export function PagePicture({ documentId, versionId, name, page, ranges }: PagePictureProps) {
  const [failed, setFailed] = useState(0);
  const width = window.devicePixelRatio > 1.25 ? WIDTHS[1] : WIDTHS[0];
  const address = pictureUrl(documentId, page.number, width, versionId);
  const ratio = page.width && page.height ? page.width / page.height : 0.7727;
  if (failed) {
    return (
      <div className="p-6">
        <ErrorNote error={new Error(`The picture of page ${page.number} could not be drawn.`)} onRetry={() => setFailed(0)} />
      </div>
    );
  }
  return (
    <div className="relative w-full bg-white" style={{ aspectRatio: String(ratio) }}>
      <img
        src={address}
        alt={`Page ${page.number} of ${name}`}
        className="absolute inset-0 size-full"
        draggable={false}
        onError={() => setFailed(failed + 1)}
      />
      {ranges.map((range) => (
        <RangeBoxes key={`${range.start}-${range.end}`} documentId={documentId} versionId={versionId} number={page.number} range={range} />
      ))}
    </div>
  );
}

interface RangeBoxesProps {
  documentId: string;
  versionId: string | null;
  number: number;
  range: Range;
}

const noBoxes: readonly BoxOut[] = [];

function RangeBoxes({ documentId, versionId, number, range }: RangeBoxesProps) {
  const { data: boxes = noBoxes } = useQuery(boxesQuery(documentId, versionId, number, range.start, range.end));
  const first = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (range.active && boxes.length) first.current?.scrollIntoView({ block: "center" });
  }, [boxes, range.active]);
  return boxes.map((box, index) => (
    <div
      key={index}
      ref={index === 0 ? first : undefined}
      data-highlight={range.active ? "active" : "other"}
      className={cx("absolute rounded-[2px] mix-blend-multiply", range.active ? "bg-[#ffd84d]" : "bg-[#fff1b8]")}
      style={{ left: `${box.left * 100}%`, top: `${box.top * 100}%`, width: `${box.width * 100}%`, height: `${box.height * 100}%` }}
    >
      {index === 0 && range.tag !== undefined && (
        <span className="absolute top-0 right-full mr-1 rounded bg-black px-1.5 text-[12px] leading-5 text-white">{range.tag}</span>
      )}
    </div>
  ));
}
