/** What can be done with the turns of a conversation. */
import type { MessageOut } from "@/api/types";

export interface ThreadActions {
  busy: boolean;
  regenerate: (messageId: string) => void;
  edit: (message: MessageOut, content: string) => void;
  show: (messageId: string) => void;
  rate: (messageId: string, rating: 1 | -1 | null) => void;
  openCitation: (messageId: string, number: number) => void;
  openPassage: (messageId: string, passageId: number) => void;
  openSources: (messageId: string) => void;
}
