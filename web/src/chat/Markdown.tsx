/** Markdown made safe: no HTML that runs, no picture from anywhere, citations as buttons. A chunk of its own. */
import { memo, useMemo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { markCitations } from "./citationMarks";

interface MarkdownProps {
  text: string;
  /** Numbers that have a citation. */
  numbers: readonly number[];
  renderMark: (number: number) => ReactNode;
}

// A picture address can carry words out of this machine, so pictures are not drawn at all.
const schema = { ...defaultSchema, tagNames: (defaultSchema.tagNames ?? []).filter((name) => name !== "img") };

const components: Components = {
  a: ({ href, children }) => (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  input: ({ checked }) => <input type="checkbox" checked={checked ?? false} readOnly disabled aria-label={checked ? "Done" : "Not done"} />,
};

function Markdown({ text, numbers, renderMark }: MarkdownProps) {
  const key = numbers.join(",");
  const plugins = useMemo(() => [[rehypeSanitize, schema], markCitations(new Set(numbers))], [key]); // eslint-disable-line
  const drawn = useMemo<Components>(() => ({ ...components, cite: ({ children }) => <>{renderMark(Number(children))}</> }), [renderMark]);
  return (
    <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={plugins as never} components={drawn}>
      {text}
    </ReactMarkdown>
  );
}

export default memo(Markdown);
