/** A conversation as a file of the person's own: readable Markdown, or JSON with everything. */
import type { ConversationDetail } from "@/api/types";
import { place } from "@/kit/format";
import { branch } from "./branches";

/** The branch that is shown, with its sources as footnotes. */
export function asMarkdown(conversation: ConversationDetail): string {
  const lines = [`# ${conversation.title}`, ""];
  for (const { message } of branch(conversation.messages, conversation.leaf_id)) {
    lines.push(message.role === "user" ? "## Question" : "## Answer", "", message.content, "");
    for (const citation of message.citations) {
      const where = [citation.document, place(citation)].filter(Boolean).join(", ");
      lines.push(`> [${citation.number}] ${where}: “${citation.quote.replace(/\s+/g, " ")}”`, "");
    }
  }
  return lines.join("\n");
}

export const asJson = (conversation: ConversationDetail) => JSON.stringify(conversation, null, 2);

/** A file name from a title: letters, digits and dashes. */
export const fileName = (title: string, extension: string) =>
  `${title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "conversation"}.${extension}`;

/** Hand a text to the browser's download. */
export function saveText(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
