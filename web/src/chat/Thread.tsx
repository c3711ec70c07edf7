/** The turns of the branch that is shown. It follows the newest words only while the reader is at the bottom. */
import ArrowDown from "lucide-react/icons/arrow-down";
import { useEffect, useLayoutEffect, useRef, useState, type UIEvent } from "react";
import { Button } from "@/kit/Button";
import { AnswerTurn } from "./AnswerTurn";
import type { Turn } from "./branches";
import type { ChatSearch } from "./search";
import type { ThreadActions } from "./threadActions";
import { UserTurn } from "./UserTurn";

interface ThreadProps {
  conversationId: string;
  turns: readonly Turn[];
  selected: ChatSearch;
  actions: ThreadActions;
}

/** So near to the end counts as the end. */
const BOTTOM_PIXELS = 48;

export default function Thread({ conversationId, turns, selected, actions }: ThreadProps) {
  const { scroller, content, away, onScroll, toEnd } = useStickToEnd(conversationId, turns.length);
  return (
    <div className="relative min-h-0 flex-1">
      <div ref={scroller} onScroll={onScroll} tabIndex={0} role="region" aria-label="Conversation" className="h-full overflow-y-auto outline-offset-[-2px]">
        <div ref={content} className="mx-auto max-w-[760px] space-y-8 px-4 py-6 wide:px-8">
          {turns.map((turn) =>
            turn.message.role === "user" ? (
              <UserTurn key={turn.message.id} turn={turn} actions={actions} />
            ) : (
              <AnswerTurn
                key={turn.message.id}
                turn={turn}
                selected={selected.answer === turn.message.id ? { cite: selected.cite ?? null, passage: selected.passage ?? null } : null}
                actions={actions}
              />
            ),
          )}
        </div>
      </div>
      {away && (
        <Button small icon={ArrowDown} onClick={toEnd} className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-[0_2px_12px_rgb(0_0_0/0.12)]">
          To the end
        </Button>
      )}
      <Announcer turns={turns} />
    </div>
  );
}

function useStickToEnd(conversationId: string, turnCount: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  const [away, setAway] = useState(false);
  const toEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  useLayoutEffect(() => {
    stick.current = true;
    toEnd();
  }, [conversationId, turnCount]);
  useEffect(() => {
    if (!content.current) return;
    const watcher = new ResizeObserver(() => stick.current && toEnd());
    watcher.observe(content.current);
    // Notes above the composer make the thread lower.
    if (scroller.current) watcher.observe(scroller.current);
    return () => watcher.disconnect();
  }, []);
  const onScroll = (event: UIEvent<HTMLDivElement>) => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
    stick.current = scrollHeight - scrollTop - clientHeight < BOTTOM_PIXELS;
    setAway(!stick.current);
  };
  return { scroller, content, away, onScroll, toEnd };
}

/** Reads an answer aloud once, when it is complete. */
function Announcer({ turns }: { turns: readonly Turn[] }) {
  const last = turns.at(-1)?.message;
  const wasStreaming = useRef<string | null>(null);
  const [words, setWords] = useState("");
  useEffect(() => {
    if (last?.role !== "assistant") return;
    if (last.streaming) wasStreaming.current = last.id;
    else if (wasStreaming.current === last.id) {
      wasStreaming.current = null;
      setWords(last.mode === "not_found" ? "Not in your documents." : `Answer: ${last.content}`);
    }
  }, [last]);
  return (
    <div role="status" className="sr-only">
      {words}
    </div>
  );
}
