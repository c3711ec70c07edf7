/** The pages of a document, small, to jump between. */
import { useEffect, useRef } from "react";
import { pictureUrl } from "@/api/documents";
import type { PageListing } from "@/api/types";
import { cx } from "@/kit/cx";

interface PageStripProps {
  documentId: string;
  versionId: string | null;
  listing: PageListing;
  current: number;
  pictures: boolean;
  /** Pages with hits. */
  marked: ReadonlySet<number>;
  onGo: (number: number) => void;
}

const PICTURE_WIDTH = 160;

export function PageStrip({ documentId, versionId, listing, current, pictures, marked, onGo }: PageStripProps) {
  const here = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    void here.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <nav aria-label="Pages" className={cx("shrink-0 overflow-y-auto border-r bg-panel p-2 max-wide:hidden", pictures ? "w-32" : "w-44")}>
      <ol className="space-y-1">
        {listing.pages.map((page) => {
          const isHere = page.number === current;
          return (
            <li key={page.number}>
              <button
                ref={isHere ? here : undefined}
                type="button"
                aria-current={isHere ? "page" : undefined}
                aria-label={`Page ${page.label ?? page.number}${marked.has(page.number) ? ", has hits" : ""}`}
                onClick={() => onGo(page.number)}
                className={cx("w-full rounded-lg p-1.5 text-[13px] [content-visibility:auto]", isHere ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-hover")}
              >
                {pictures && (
                  <img
                    loading="lazy"
                    alt=""
                    src={pictureUrl(documentId, page.number, PICTURE_WIDTH, versionId)}
                    className={cx("mb-1 aspect-[17/22] w-full rounded border bg-white object-contain", isHere && "border-accent")}
                  />
                )}
                <span className="flex items-center justify-center gap-1.5">
                  <span className="truncate">{page.label ?? page.number}</span>
                  {marked.has(page.number) && <span aria-hidden className="size-2 shrink-0 rounded-full bg-mark outline outline-line-strong" />}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
