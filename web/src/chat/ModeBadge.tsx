/** How an answer was made, in words. */
import BookOpenCheck from "lucide-react/icons/book-open-check";
import MessageCircle from "lucide-react/icons/message-circle";
import Quote from "lucide-react/icons/quote";
import SearchX from "lucide-react/icons/search-x";
import type { AnswerMode } from "@/api/types";
import { Badge } from "@/kit/Feedback";

export function ModeBadge({ mode }: { mode: AnswerMode }) {
  switch (mode) {
    case "answer":
      return <Badge tone="good" icon={BookOpenCheck} title="Each sentence was checked against the passage it names">From your documents</Badge>;
    case "quote":
      return <Badge tone="accent" icon={Quote} title="The best sentences, word for word; no model has written this">Quoted word for word</Badge>;
    case "not_found":
      return <Badge icon={SearchX} title="No passage answers this question">Not in your documents</Badge>;
    case "chat":
      return <Badge tone="warn" icon={MessageCircle} title="No documents were asked: the model can be wrong">The model's own words</Badge>;
  }
}
