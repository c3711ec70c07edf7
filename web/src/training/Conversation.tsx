/** A row as a conversation. */
interface Turn {
  role: string;
  content: string;
}
const roles: Record<string, string> = { system: "Instructions", user: "Question", assistant: "Answer", tool: "Tool", text: "Text" };

export function Conversation({ turns }: { turns: readonly Turn[] }) {
  return (
    <ol className="space-y-2">
      {turns.map((turn, index) => (
        <li key={index} className={turn.role === "assistant" ? "rounded-lg bg-accent-soft px-3 py-2" : "rounded-lg bg-panel px-3 py-2"}>
          <p className="text-[13px] text-muted">{roles[turn.role] ?? turn.role}</p>
          <p className="break-words whitespace-pre-wrap">{turn.content}</p>
        </li>
      ))}
    </ol>
  );
}
