/** A row as the model sees it: one box a token, what is learned shaded and underlined. */
import { useState } from "react";
import type { TokenRow } from "@/api/training";
import { Button } from "@/kit/Button";
import { cx } from "@/kit/cx";

const FIRST_TOKENS = 400;
const shown = (text: string) => text.replaceAll("\n", "↵").replaceAll("\t", "⇥").replaceAll(" ", "\u00a0") || "∅";

export function Legend() {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-[13px] text-muted">
      <span>
        <span className={tokenClass(true)}>learned</span> the model is taught to write this
      </span>
      <span>
        <span className={tokenClass(false)}>read</span> it only sees this
      </span>
    </p>
  );
}

const tokenClass = (learned: boolean) =>
  cx("mr-px inline-block rounded-[3px] px-px font-mono text-[13px] leading-5", learned ? "border-b-2 border-accent bg-accent-soft text-fg" : "border-b-2 border-transparent bg-hover text-muted");

export function Tokens({ row, label }: { row: TokenRow; label: string }) {
  const [most, setMost] = useState(FIRST_TOKENS);
  const learned = row.tokens.filter((token) => token.learned).length;
  return (
    <div>
      <p className="sr-only">
        {label}: {row.tokens.length} tokens, {learned} of them learned.
      </p>
      <p className="break-all" aria-label={label}>
        {row.tokens.slice(0, most).map((token, index) => (
          <span key={index}>
            <span title={`Token ${token.id}${token.learned ? ", learned" : ""}`} className={tokenClass(token.learned)}>
              {shown(token.text)}
            </span>
            {token.text.includes("\n") && <br />}
          </span>
        ))}
      </p>
      {row.tokens.length > most && (
        <Button small variant="ghost" className="mt-1 -ml-2" onClick={() => setMost(row.tokens.length)}>
          Show all {row.tokens.length.toLocaleString("en")} tokens
        </Button>
      )}
    </div>
  );
}
