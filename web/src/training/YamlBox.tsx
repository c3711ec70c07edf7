/** The config as the YAML file that the command line takes: out of the page and into it. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { checkConfig, type Values } from "@/api/training";
import { Button } from "@/kit/Button";
import { CopyButton } from "@/kit/CopyButton";
import { cx } from "@/kit/cx";
import { ErrorNote } from "@/kit/Feedback";
import { inputClass } from "@/kit/Field";

interface YamlBoxProps {
  config: Values;
  hasRows: boolean;
  onChange: (config: Values) => void;
}

export function YamlBox({ config, hasRows, onChange }: YamlBoxProps) {
  const [text, setText] = useState<string | null>(null);
  const show = useMutation({ mutationFn: () => checkConfig({ config }), onSuccess: (checked) => setText(checked.yaml) });
  const use = useMutation({
    mutationFn: (yaml: string) => checkConfig({ yaml }),
    onSuccess: (checked) => {
      setText(null);
      onChange(checked.config);
    },
  });
  return (
    <details className="rounded-xl border bg-raised" onToggle={(event) => event.currentTarget.open && hasRows && text === null && show.mutate()}>
      <summary className="px-4 py-3 font-medium">As a YAML file</summary>
      <div className="space-y-3 border-t px-4 py-4">
        <p className="text-[13px] text-muted">This is the whole config. Change it here, or paste one of yours.</p>
        <div className="relative">
          <textarea aria-label="Config in YAML" spellCheck={false} rows={16} className={cx(inputClass, "py-2 pr-12 font-mono text-[13px]")} placeholder="data: {train: [{path: 'file:rows.csv'}]}" value={text ?? ""} onChange={(event) => setText(event.target.value)} />
          {text && (
            <span className="absolute top-1.5 right-3">
              <CopyButton text={text} label="Copy the YAML" />
            </span>
          )}
        </div>
        {(show.error ?? use.error) && <ErrorNote error={show.error ?? use.error} className="whitespace-pre-line" />}
        <div className="flex flex-wrap gap-2">
          <Button small variant="primary" disabled={!text || use.isPending} onClick={() => text && use.mutate(text)}>
            Use this text
          </Button>
          <Button small disabled={!hasRows || show.isPending} onClick={() => show.mutate()}>
            Write it from the form
          </Button>
        </div>
      </div>
    </details>
  );
}
