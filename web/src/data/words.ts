/** What things of training data are called on the page. */
const fields: Record<string, string> = {
  system: "Instructions to the model",
  context: "Text it is about",
  user: "Question",
  question: "Question",
  assistant: "Answer",
  answer: "Answer",
  tool: "Tool",
  completion: "Text to learn",
  chosen: "Better answer",
  rejected: "Worse answer",
  messages: "Conversation",
  text: "Text to learn",
  summary: "Summary",
  score: "Score",
  language: "Language",
  label: "Good or bad",
  id: "Name of the row",
  origin: "Belongs to",
};
export const fieldText = (field: string) => fields[field] ?? field;

export interface Stage {
  id: string;
  title: string;
  /** One sentence what is done here. */
  about: string;
}
export const stages: readonly Stage[] = [
  { id: "sources", title: "Sources", about: "Files with rows: questions and answers, chats, articles. They stay on this machine." },
  { id: "task", title: "Task", about: "What is the model to learn from these rows?" },
  { id: "mix", title: "Mix", about: "How much of each file goes in, and in which order." },
  { id: "clean", title: "Clean", about: "Repair texts, hide personal data, take out copies." },
  { id: "quality", title: "Quality", about: "Keep what is worth learning. Move a slider and see how many rows stay." },
  { id: "convert", title: "Convert", about: "The form the rows are written in, and what is kept aside to test with." },
  { id: "fit", title: "Fit", about: "Make rows fit the model that will learn from them." },
];
export const RESULT = "result";

export const percent = (share: number) => `${share < 0.1 && share > 0 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
/** A value that decided over a row: numbers short, texts as they are. */
export const valueText = (value: string) => (value.trim() !== "" && !Number.isNaN(Number(value)) ? numberText(Number(value)) : value.slice(0, 60));
export const numberText = (value: number) => (Number.isInteger(value) ? value.toLocaleString("en") : Number(value.toPrecision(3)).toLocaleString("en"));
