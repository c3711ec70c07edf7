/** Rows from an address or a data base: typed by a person, asked for once, kept as a file. */
import { useMutation } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { fetchSource } from "@/api/data";
import { Button } from "@/kit/Button";
import { cx } from "@/kit/cx";
import { ErrorNote } from "@/kit/Feedback";
import { inputClass, TextField } from "@/kit/Field";

interface FetchFormProps {
  query: boolean;
  isAdmin: boolean;
  onBegun: (jobId: string) => void;
}

export function FetchForm({ query, isAdmin, onBegun }: FetchFormProps) {
  const [address, setAddress] = useState("");
  const [sql, setSql] = useState("");
  const fetch = useMutation({
    mutationFn: () => fetchSource(query ? { address: "", sql: address.trim(), query: sql } : { address: address.trim() }),
    onSuccess: (started) => onBegun(started.job_id),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    fetch.mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3 rounded-xl border bg-raised px-4 py-4">
      {query ? (
        <>
          <TextField
            label="Data base"
            placeholder="postgresql+psycopg://host/name"
            hint="As SQLAlchemy writes it; a SQLite file by its whole path: sqlite:////folder/file.db. No password here: let the machine sign in (such as by ~/.pgpass), or set a variable of the server’s environment and write env:NAME."
            value={address}
            spellCheck={false}
            onChange={(event) => setAddress(event.target.value)}
          />
          <QueryField value={sql} onChange={setSql} />
        </>
      ) : (
        <TextField
          label="Address of a file"
          placeholder="https://example.org/rows.jsonl"
          hint={
            isAdmin
              ? "Also s3://, gs://, abfs:// and hf://datasets/ORG/NAME/FILE, which sign in with the server’s own credentials; env:NAME for an address that holds a secret; or a whole path on the server."
              : "A web address of the open internet. Object stores, data bases and paths on the server are for an admin."
          }
          value={address}
          spellCheck={false}
          onChange={(event) => setAddress(event.target.value)}
        />
      )}
      <p className="text-[13px] text-muted">{query ? "The data base is asked once, when you press Fetch, and only reads." : "This address is asked once, from the server, when you press Fetch."} Nothing of yours is sent there, and recipes use the file that was kept.</p>
      {fetch.error && <ErrorNote error={fetch.error} />}
      <Button type="submit" variant="primary" disabled={!address.trim() || (query && !sql.trim()) || fetch.isPending}>
        Fetch
      </Button>
    </form>
  );
}

function QueryField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium">
        Query
      </label>
      <textarea
        id={id}
        rows={4}
        spellCheck={false}
        placeholder="SELECT ticket AS question, reply AS answer FROM tickets ORDER BY id"
        className={cx(inputClass, "py-2 font-mono text-[13px]")}
        value={value}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
      />
      <p id={`${id}-note`} className="mt-1 text-[13px] text-muted">
        With ORDER BY the rows come in the same order every time.
      </p>
    </div>
  );
}
