/** A passage in a list: where it is, what it says, and why it was found. */
import ChevronRight from "lucide-react/icons/chevron-right";
import type { HitOut } from "@/api/types";
import { cx } from "@/kit/cx";
import { flowing, place } from "@/kit/format";

interface HitCardProps {
  hit: HitOut;
  /** Its number in the list or in the answer. */
  tag: number | null;
  selected: boolean;
  onOpen: () => void;
  /** The best score of each kind in the same list: bars are drawn against it. */
  best: Scores;
  hideDocument?: boolean;
}

export function HitCard({ hit, tag, selected, onOpen, best, hideDocument = false }: HitCardProps) {
  return (
    <li className={cx("rounded-lg border bg-raised", selected && "border-accent")} data-hit>
      <button type="button" onClick={onOpen} aria-current={selected || undefined} className="block w-full rounded-lg px-4 py-3 text-left hover:bg-hover">
        <span className="flex items-baseline gap-2 text-[13px] text-muted">
          {tag !== null && <span className="rounded bg-accent-soft px-1.5 font-semibold text-accent">{tag}</span>}
          {!hideDocument && <span className="truncate font-medium text-fg">{hit.document}</span>}
          {place(hit) && <span className="shrink-0">{place(hit)}</span>}
        </span>
        {hit.heading.length > 0 && <span className="mt-0.5 block truncate text-[13px] text-muted">{hit.heading.join(" › ")}</span>}
        <span className="mt-1.5 line-clamp-4">{flowing(hit.text)}</span>
      </button>
      <WhyThis hit={hit} best={best} />
    </li>
  );
}

export interface Scores {
  keyword: number;
  dense: number;
  rerank: number;
}

/** The largest score of each kind among the hits. */
export function bestScores(hits: readonly HitOut[]): Scores {
  const largest = (values: (number | null)[]) => Math.max(0, ...values.map((value) => value ?? 0));
  return {
    keyword: largest(hits.map((hit) => hit.keyword)),
    dense: largest(hits.map((hit) => hit.dense)),
    rerank: largest(hits.map((hit) => hit.rerank)),
  };
}

const arms: readonly { name: keyof Scores; label: string; hint: string; missing: string }[] = [
  { name: "keyword", label: "Same words", hint: "How many of the question's words are here, rare ones counting more.", missing: "none of the words" },
  { name: "dense", label: "Same meaning", hint: "How close the meaning is, by the embedding model.", missing: "not among the closest" },
  { name: "rerank", label: "Read together", hint: "How well it answers, by a model that reads question and passage together.", missing: "not used" },
];

function WhyThis({ hit, best }: { hit: HitOut; best: Scores }) {
  return (
    <details className="group border-t px-4 text-[13px]">
      <summary className="-mx-4 flex h-9 list-none items-center gap-1 rounded-b-lg px-4 text-muted hover:text-fg">
        <ChevronRight aria-hidden size={14} className="transition-transform duration-100 group-open:rotate-90" />
        Why this passage
        <span className="ml-auto">score {hit.score.toFixed(2)}</span>
      </summary>
      <dl className="space-y-2 pt-1 pb-3">
        {arms.map((arm) => {
          const value = hit[arm.name];
          return (
            <div key={arm.name} title={arm.hint} className="grid grid-cols-[104px_1fr_auto] items-center gap-3">
              <dt>{arm.label}</dt>
              <dd className="h-1.5 overflow-hidden rounded-full bg-hover" aria-hidden>
                <span className="block h-full rounded-full bg-accent" style={{ width: `${value && best[arm.name] ? Math.max(0, (value / best[arm.name]) * 100) : 0}%` }} />
              </dd>
              <dd className="min-w-12 text-right text-muted">{value === null ? arm.missing : value.toFixed(2)}</dd>
            </div>
          );
        })}
      </dl>
    </details>
  );
}
