/** One page of a document: its picture where there is one, else its text; passages highlighted. */
import { useQuery } from "@tanstack/react-query";
import { pageQuery } from "@/api/documents";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import type { Range } from "./offsets";
import { PagePicture } from "./PagePicture";
import { PageText } from "./PageText";

interface PageViewProps {
  documentId: string;
  versionId: string | null;
  name: string;
  number: number;
  ranges: readonly Range[];
  /** Show the extracted text even where there is a picture. */
  asText?: boolean;
}

export function PageView({ documentId, versionId, name, number, ranges, asText = false }: PageViewProps) {
  const { data: page, error, refetch } = useQuery(pageQuery(documentId, versionId, number));
  if (error) {
    return (
      <div className="p-4">
        <ErrorNote error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (!page) return <Skeleton lines={12} className="p-6" />;
  if (page.has_picture && !asText) {
    return <PagePicture key={`${documentId}-${number}`} documentId={documentId} versionId={versionId} name={name} page={page} ranges={ranges} />;
  }
  return <PageText text={page.text} ranges={ranges} />;
}
