/** The files that rows come from: upload, fetch, make, choose among those uploaded before, see what each holds. */
import type { SourceOut } from "@/api/data";
import { Button } from "@/kit/Button";
import { size } from "@/kit/format";
import { DropZone } from "./DropZone";
import { MoreSources } from "./MoreSources";
import type { RecipeSource } from "./recipe";
import { SourceCard } from "./SourceCard";
import type { StageProps } from "./stageProps";

export function SourcesStage({ draft, sources, catalogue }: StageProps) {
  const { recipe, change } = draft;
  const used = new Set(recipe.sources.map((source) => source.path));
  const others = sources.filter((source) => !used.has(source.name));
  const add = (names: readonly string[]) => {
    const fresh = names.filter((name) => !used.has(name)).map((path): RecipeSource => ({ path }));
    if (fresh.length) change({ ...recipe, sources: [...recipe.sources, ...fresh] });
  };
  return (
    <div className="space-y-3">
      <ul aria-label="Files of this data set" className="space-y-3">
        {recipe.sources.map((source, index) => (
          <SourceCard
            key={source.path}
            source={source}
            file={sources.find((one) => one.name === source.path)}
            formats={catalogue.formats}
            onChange={(next) => change({ ...recipe, sources: recipe.sources.map((one, at) => (at === index ? next : one)) })}
            onRemove={() => change({ ...recipe, sources: recipe.sources.filter((_, at) => at !== index) })}
          />
        ))}
      </ul>
      <DropZone first={recipe.sources.length === 0} title="Drop files with rows here" testId="source-files" onSent={add}>
        Tables (CSV, Excel, Parquet), JSON and JSON Lines, plain text, each also zipped; or documents. They stay on this machine.
      </DropZone>
      <MoreSources sources={sources} used={recipe.sources} onSources={add} />
      {others.length > 0 && <Others sources={others} onAdd={(name) => add([name])} />}
    </div>
  );
}

function Others({ sources, onAdd }: { sources: readonly SourceOut[]; onAdd: (name: string) => void }) {
  return (
    <section aria-label="Uploaded before">
      <h3 className="mb-1 text-[13px] text-muted">Uploaded before</h3>
      <ul className="divide-y rounded-xl border">
        {sources.slice(0, 20).map((source) => (
          <li key={source.id} className="flex items-center gap-3 px-4 py-1.5">
            <span className="min-w-0 flex-1 truncate">{source.name}</span>
            <span className="text-[13px] text-muted">{size(source.size)}</span>
            <Button small variant="ghost" aria-label={`Use ${source.name}`} onClick={() => onAdd(source.name)}>
              Use
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
