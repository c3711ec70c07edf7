/** What stays here, how to prove it, and the disclaimer. */
import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "@/api/account";
import { Prose } from "@/chat/Prose";

const facts: readonly (readonly [string, string])[] = [
  ["Documents and questions", "Files, their text, vectors, conversations and ratings are kept in the data directory of this machine, and nowhere else."],
  ["Models", "Run on this machine. The only traffic to the outside is a model that an administrator installs, or a remote engine that an administrator enters by its address."],
  ["This page", "Loads everything from this server. Its content policy forbids the browser to ask any other, pictures in answers included."],
  ["No telemetry", "Nothing is counted, reported or checked for updates."],
];

export function PrivacySection() {
  const { data: status } = useQuery(statusQuery);
  return (
    <div className="space-y-8">
      <section>
        <h2 className="mb-3 font-semibold">Nothing leaves this machine</h2>
        <dl className="divide-y rounded-xl border bg-raised">
          {facts.map(([name, text]) => (
            <div key={name} className="px-5 py-3 sm:grid sm:grid-cols-[180px_1fr] sm:gap-4">
              <dt className="font-medium">{name}</dt>
              <dd className="text-muted">{text}</dd>
            </div>
          ))}
        </dl>
        <p className="mt-3 text-muted">
          To prove it, run <code className="rounded bg-hover px-1.5 py-0.5 text-fg">headwater doctor --offline</code>: it asks a question with the network cut off.
        </p>
      </section>
      {status && (
        <section>
          <h2 className="mb-3 font-semibold">Disclaimer</h2>
          <Prose text={status.disclaimer.text} className="text-muted" />
        </section>
      )}
      {status && <p className="text-[13px] text-muted">Headwater {status.version}, Apache-2.0</p>}
    </div>
  );
}
