/** Correct the texts of one row. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { changeRow, dataKeys, rowQuery, type DatasetOut, type RowOut } from "@/api/data";
import { queryClient } from "@/api/queryClient";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";
import { cx } from "@/kit/cx";
import { fieldText } from "./words";

interface RowEditorProps {
  dataset: DatasetOut;
  split: string;
  number: number;
  onClose: () => void;
}

export function RowEditor({ dataset, split, number, onClose }: RowEditorProps) {
  const { data, error } = useQuery(rowQuery(dataset.id, split, number));
  return (
    <Dialog open side="right" onClose={onClose} title={`Edit row ${number + 1}`} hideTitle>
      <div className="flex h-full flex-col">
        <p aria-hidden className="border-b px-5 py-4 font-semibold">
          Edit row {number + 1}
        </p>
        {error && <ErrorNote error={error} className="m-5" />}
        {!data && !error && <Skeleton lines={6} className="m-5" />}
        {data && <Texts row={data} dataset={dataset} split={split} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function Texts({ row, dataset, split, onClose }: { row: RowOut; dataset: DatasetOut; split: string; onClose: () => void }) {
  const id = useId();
  const [texts, setTexts] = useState(() => row.texts.map((text) => text.text));
  const changed = texts.flatMap((text, place) => (text === row.texts[place]?.text ? [] : [{ place, text }]));
  const save = useMutation({
    mutationFn: () => changeRow(dataset.id, split, row.number, { label: null, texts: changed }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: dataKeys.results(dataset.id) });
      onClose();
    },
  });
  return (
    <form
      className="flex min-h-0 flex-1 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed.length) save.mutate();
        else onClose();
      }}
    >
      <div className="min-h-0 flex-1 space-y-4 overflow-y-auto px-5 py-4">
        {row.texts.map((text, place) => (
          <div key={place}>
            <label htmlFor={`${id}-${place}`} className="mb-1 block font-medium">
              {fieldText(text.field)}
            </label>
            <textarea
              id={`${id}-${place}`}
              rows={Math.min(14, Math.max(3, Math.ceil(text.text.length / 60)))}
              className={cx(inputClass, "py-2")}
              data-autofocus={place === 0 ? true : undefined}
              value={texts[place]}
              onChange={(event) => setTexts(texts.map((one, at) => (at === place ? event.target.value : one)))}
            />
          </div>
        ))}
        {save.error && <ErrorNote error={save.error} />}
      </div>
      <div className="flex items-center justify-end gap-2 border-t px-5 py-3">
        <p className="min-w-0 flex-1 text-[13px] text-muted">The row as prepared is kept.</p>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={save.isPending || !changed.length}>
          Save row
        </Button>
      </div>
    </form>
  );
}
