/** The rows of a run: those of its first batch as tokens, and what became of all of them. */
import { useQuery } from "@tanstack/react-query";
import { tokensQuery, type RunDetail } from "@/api/training";
import { Histogram, HistogramTable } from "@/data/Histogram";
import { ErrorNote, Skeleton } from "@/kit/Feedback";
import { Fact } from "./PlanCard";
import { Legend, Tokens } from "./Tokens";

interface Account {
  rows: number;
  kept: number;
  validation_rows: number;
  dropped: Record<string, number>;
  tokens: number;
  target_tokens: number;
  longest: number;
  lengths: { from: number; to: number; rows: number }[];
  sources: { path: string; rows: number; licence: string | null; format: string }[];
}

export function RowsTab({ run }: { run: RunDetail }) {
  const tokens = useQuery(tokensQuery(run.name));
  const account = run.data as Account | null;
  return (
    <div className="space-y-8">
      {account && <Counted account={account} />}
      <section aria-label="First batch" className="space-y-3">
        <h2 className="font-semibold">The first batch, token by token</h2>
        <Legend />
        {tokens.error && <ErrorNote error={tokens.error} />}
        {tokens.isPending && <Skeleton lines={4} />}
        {tokens.data?.length === 0 && <p className="text-muted">The rows are not read yet.</p>}
        {tokens.data?.map((row, index) => (
          <div key={index} className="rounded-xl border bg-raised px-4 py-3">
            <p className="mb-1 text-[13px] text-muted">{row.row}</p>
            <Tokens row={row} label={`Row ${row.row}`} />
          </div>
        ))}
      </section>
    </div>
  );
}

function Counted({ account }: { account: Account }) {
  const dropped = Object.entries(account.dropped);
  const edges = account.lengths.length ? [...account.lengths.map((bar) => bar.from), account.lengths.at(-1)?.to ?? 0] : [];
  const counts = account.lengths.map((bar) => bar.rows);
  const number = (value: number) => value.toLocaleString("en");
  return (
    <section aria-label="All rows" className="space-y-3">
      <h2 className="font-semibold">All rows</h2>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 text-[13px] sm:grid-cols-3 wide:grid-cols-6">
        <Fact name="Read" value={number(account.rows)} />
        <Fact name="Learned from" value={number(account.kept)} />
        <Fact name="Validated on" value={number(account.validation_rows)} />
        <Fact name="Tokens" value={number(account.tokens)} />
        <Fact name="Learned tokens" value={number(account.target_tokens)} />
        <Fact name="Longest row" value={`${number(account.longest)} tokens`} />
      </dl>
      {counts.length > 0 && (
        <div className="space-y-2">
          <Histogram edges={edges} counts={counts} label="Tokens of a row" unit="tokens" />
          <HistogramTable edges={edges} counts={counts} label="Tokens of a row" />
        </div>
      )}
      {dropped.length > 0 && (
        <ul className="text-[13px] text-warn">
          {dropped.map(([reason, count]) => (
            <li key={reason}>
              {number(count)} × {reason}
            </li>
          ))}
        </ul>
      )}
      <ul className="text-[13px] text-muted">
        {account.sources.map((source) => (
          <li key={source.path} className="break-words">
            {source.path.replace(/^\d+-/, "")}: {number(source.rows)} rows{source.licence ? `, ${source.licence}` : ""}
          </li>
        ))}
      </ul>
    </section>
  );
}
