/** The whole page takes files: while some are dragged over it, it says where they will go. */
import FileDown from "lucide-react/icons/file-down";
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from "react";
import { showToast } from "@/kit/toasts";
import { droppedFiles } from "./dropped";

interface DropZoneProps {
  /** The name of the collection that the files go to. */
  target: string;
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

export function DropZone({ target, onFiles, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  useMissedDrops();
  const leave = () => {
    depth.current = 0;
    setOver(false);
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    leave();
    try {
      const files = await droppedFiles(event.dataTransfer);
      if (files.length) onFiles(files);
    } catch (error) {
      showToast(`The dropped files could not be read: ${error instanceof Error ? error.message : String(error)}`, "bad");
    }
  };
  return (
    <div
      className="relative flex min-h-0 min-w-0 flex-1"
      onDragEnter={(event) => {
        if (!hasFiles(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDragLeave={() => {
        depth.current -= 1;
        if (depth.current <= 0) leave();
      }}
      onDrop={(event) => void drop(event)}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-3 z-30 flex flex-col items-center justify-center gap-3 rounded-2xl border-2 border-dashed border-accent bg-accent-soft/95 text-accent">
          <FileDown aria-hidden size={32} />
          <p className="text-base font-semibold">Drop to add to “{target}”</p>
        </div>
      )}
    </div>
  );
}

/** A file dropped beside the zone would replace the page in the browser; nobody wants that. */
function useMissedDrops() {
  useEffect(() => {
    const stop = (event: Event) => event.preventDefault();
    window.addEventListener("dragover", stop);
    window.addEventListener("drop", stop);
    return () => {
      window.removeEventListener("dragover", stop);
      window.removeEventListener("drop", stop);
    };
  }, []);
}
