/** Form fields: a label above, a hint or an error below, tied together for screen readers. */
import { useId, type ComponentPropsWithRef, type ReactNode } from "react";
import { cx } from "./cx";

export const inputClass =
  "w-full rounded-lg border border-line-strong bg-raised px-3 text-fg placeholder:text-muted focus-visible:outline-2 focus-visible:outline-offset-0 disabled:opacity-60";

interface TextFieldProps extends ComponentPropsWithRef<"input"> {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  hideLabel?: boolean;
}

export function TextField({ label, hint, error, hideLabel = false, className, ...rest }: TextFieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={className}>
      <label htmlFor={id} className={cx("mb-1 block font-medium", hideLabel && "sr-only")}>
        {label}
      </label>
      <input
        id={id}
        className={cx(inputClass, "h-10")}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        {...rest}
      />
      {note && (
        <p id={`${id}-note`} className={cx("mt-1 text-[13px]", error ? "text-bad" : "text-muted")}>
          {note}
        </p>
      )}
    </div>
  );
}

interface SelectFieldProps extends ComponentPropsWithRef<"select"> {
  label: string;
  options: readonly { value: string; label: string }[];
}

export function SelectField({ label, options, className, ...rest }: SelectFieldProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      <select id={id} className={cx(inputClass, "h-10")} {...rest}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A checkbox with its sentence beside it. */
export function Check({ label, className, ...rest }: ComponentPropsWithRef<"input"> & { label: ReactNode }) {
  return (
    <label className={cx("flex items-start gap-2.5", className)}>
      <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-(--accent)" {...rest} />
      <span>{label}</span>
    </label>
  );
}
